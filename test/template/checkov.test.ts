import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isMap, parseDocument } from 'yaml';
import { ensurePythonTool } from '../../src/local/tools/python-tools.ts';
import {
  buildTemplate,
  ENUMERATOR_FILE,
  ENUMERATOR_SOURCE,
  parseTemplate,
  TEMPLATE_SOURCE,
} from './built-template.ts';

/** What checkov says of the files that it read; one file without a finding has no place in it. */
interface Report {
  readonly results: {
    readonly failed_checks: readonly {
      readonly check_id: string;
      readonly resource: string;
      readonly file_path: string;
    }[];
  };
  readonly summary: { readonly parsing_errors: number; readonly checkov_version: string };
}

/** Each opens the template in one way, and the check that must see it. */
const MUTATIONS: readonly [title: string, from: string, to: string, check: RegExp][] = [
  [
    'a table without backups',
    'PointInTimeRecoveryEnabled: true',
    'PointInTimeRecoveryEnabled: false',
    /_28$/,
  ],
  ['a role that may do all', 'Action: lambda:UpdateEventSourceMapping', "Action: '*'", /_63$/],
  ['an API that logs nothing', 'DestinationArn: !GetAtt HttpApiLogs.Arn', "DestinationArn: ''", /_95$/],
];

describe('checkov', function () {
  // The first run installs it, and its start alone takes 5 s: so all files are read by one.
  this.timeout(300_000);
  let folder: string;
  let source: string;
  let enumerator: string;
  let found: ReadonlyMap<string, readonly string[]>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'media-batch-checkov-'));
    source = await readFile(TEMPLATE_SOURCE, 'utf8');
    enumerator = await readFile(ENUMERATOR_SOURCE, 'utf8');
    const opened = MUTATIONS.map(([title, from, to]) => [title, source.replace(from, to)] as const);
    const sources = [
      ['source', source],
      ['bare', withoutMetadata(source)],
      ['enumerator', enumerator],
      ['bare enumerator', withoutMetadata(enumerator)],
    ] as const;
    found = await check(new Map([...sources, ...opened]));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  /** @returns the failed checks of each template, such as `CKV_AWS_27 WorkQueue` */
  async function check(
    templates: ReadonlyMap<string, string>,
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const titles = [...templates.keys()];
    const files = titles.map((_, i) => join(folder, `${i}.yaml`));
    for (const [i, text] of [...templates.values()].entries()) await writeFile(files[i]!, text);
    const { results, summary } = JSON.parse(await run(files)) as Report;
    assert.equal(summary.parsing_errors, 0);
    const failed = results.failed_checks.map(({ check_id, resource, file_path }) => ({
      title: titles[Number(basename(file_path, '.yaml'))],
      finding: `${check_id} ${resource.split('.').at(-1)}`,
    }));
    const of = (title: string) => failed.filter((each) => each.title === title).map(({ finding }) => finding);
    return new Map(titles.map((title) => [title, of(title).sort()]));
  }

  async function run(files: readonly string[]): Promise<string> {
    const program = (await ensurePythonTool('checkov')).bin('checkov');
    // Without a key and a download it asks no server. It would read a config file in its folder or home.
    const { BC_API_KEY: _, PRISMA_API_URL: __, ...caller } = process.env;
    const env = { ...caller, HOME: folder, LOG_LEVEL: 'WARNING' };
    const args = [
      '--framework',
      'cloudformation',
      '--skip-download',
      '--compact',
      '-o',
      'json',
      '-f',
      ...files,
    ];
    return new Promise((resolve, reject) => {
      execFile(program, args, { cwd: folder, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
        // Its exit code says that something failed; anything on standard error is a failure of its own.
        if (stderr !== '' || (error && error.code !== 1)) reject(new Error(stderr, { cause: error }));
        else resolve(stdout);
      });
    });
  }

  it('finds nothing in the templates but what is skipped', () => {
    assert.deepEqual([found.get('source'), found.get('enumerator')], [[], []]);
  });

  it('would find all that is skipped, so no skip is without need', () => {
    for (const [text, bare] of [
      [source, 'bare'],
      [enumerator, 'bare enumerator'],
    ] as const) {
      const skipped = skipsOf(text).map(({ id, resource }) => `${id} ${resource}`);
      assert.ok(skipped.length > 0);
      assert.deepEqual(found.get(bare), skipped.sort());
    }
  });

  it('is told of each skip why, in a sentence', () => {
    for (const { id, resource, comment } of [...skipsOf(source), ...skipsOf(enumerator)]) {
      assert.match(comment ?? '', /^[A-Z].{30,110}\.$/, `${id} of ${resource}`);
    }
  });

  for (const [title, , , id] of MUTATIONS) {
    it(`finds ${title}`, () => {
      const findings = found.get(title) ?? [];
      assert.ok(
        findings.some((finding) => id.test(finding.split(' ')[0] ?? '')),
        findings.join(', ') || 'nothing',
      );
    });
  }

  it('leaves nothing of it in the built template', async () => {
    assert.doesNotMatch(await buildTemplate(), /Metadata|checkov|CKV_/);
    assert.doesNotMatch(await readFile(ENUMERATOR_FILE, 'utf8'), /Metadata|checkov|CKV_/);
  });
});

function skipsOf(
  source: string,
): readonly { readonly resource: string; readonly id: string; readonly comment?: string }[] {
  return Object.entries(parseTemplate(source).Resources).flatMap(([resource, { Metadata }]) =>
    (Metadata?.checkov.skip ?? []).map((skip) => ({ ...skip, resource })),
  );
}

function withoutMetadata(source: string): string {
  const document = parseDocument(source, { logLevel: 'error' });
  const resources = document.get('Resources');
  assert.ok(isMap(resources));
  for (const { value } of resources.items) if (isMap(value)) value.delete('Metadata');
  return document.toString();
}
