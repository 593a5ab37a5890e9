/**
 * Replaces the editor's log library, whose native part needs a compiler. Without it the editor runs, but its log files stay
 * empty, and so do the output views that read them. The numbers are spdlog's levels.
 */
export const EDITOR_FILE_LOG = `const { appendFileSync, mkdirSync } = require('node:fs');
const { dirname } = require('node:path');

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];

class Logger {
  constructor(_type, _name, file) {
    Object.assign(this, { file, level: 2, formatted: true });
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, '');
  }
  getLevel() { return this.level; }
  setLevel(level) { this.level = level; }
  setPattern() { this.formatted = true; }
  clearFormatters() { this.formatted = false; }
  flush() {}
  drop() {}
}
LEVELS.forEach((name, level) => {
  Logger.prototype[name] = function (message) {
    if (level < this.level) return;
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    const shown = name === 'warn' ? 'warning' : name;
    appendFileSync(this.file, this.formatted ? time + ' [' + shown + '] ' + message + '\\n' : message);
  };
});

// One by one: code that imports this file as an ES module finds only names that are exported so.
exports.Logger = Logger;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.createRotatingLogger = exports.createAsyncRotatingLogger = async (name, file) => new Logger('', name, file);
`;
