const { appendFileSync } = require('node:fs');
const { reporters } = require('mocha');

/**
 * mocha's own `spec` report, then what was skipped and why (the test's or its suite's `this.skipReason`), and one closing line
 * that a script can read. With MEDIA_BATCH_TEST_COUNTS, a file, these go there as a line of JSON: see test/run/counts.ts.
 */
module.exports = class extends reporters.Spec {
  skipped = [];

  constructor(runner, options) {
    super(runner, options);
    runner.on('pending', ({ parent, ctx }) => {
      this.skipped.push({ what: parent.fullTitle(), why: ctx?.skipReason ?? 'no reason is given' });
    });
  }

  epilogue() {
    super.epilogue();
    const { passes, failures } = this.stats;
    const file = process.env.MEDIA_BATCH_TEST_COUNTS;
    if (file) {
      const failed = this.failures.map((test) => ({
        what: test.fullTitle(),
        why: String(test.err?.message),
      }));
      const counts = { passed: passes, failed: failures, failures: failed, skipped: this.skipped };
      appendFileSync(file, `${JSON.stringify(counts)}\n`);
      return;
    }
    const lines = new Set(this.skipped.map(({ what, why }) => `Skipped: ${what}: ${why}.`));
    for (const line of lines) reporters.Base.consoleLog(line);
    reporters.Base.consoleLog(`${passes} passed, ${failures} failed, ${this.skipped.length} skipped`);
  }
};
