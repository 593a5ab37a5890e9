import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import {
  formatAge,
  formatCount,
  formatDate,
  formatDuration,
  formatElapsed,
  formatRate,
  formatTime,
} from '../../../../src/ui/base/format.ts';
import { stubVscode } from '../../../helpers/ui/vscode-stub.ts';

function editor(language = 'en'): typeof vscode {
  const { vs } = stubVscode();
  return { ...vs, env: { ...vs.env, language } };
}

describe('numbers for people', () => {
  it('groups digits as the language does', () => {
    assert.equal(formatCount(editor(), 48_912), '48,912');
    assert.equal(formatCount(editor('de'), 48_912), '48.912');
    assert.equal(formatCount(editor('fr'), 48_912), '48\u202f912');
    assert.equal(formatCount(editor('pt-br'), 48_912), '48.912');
  });

  it('gives the two largest units of a duration, without a zero', () => {
    for (const [seconds, text] of [
      [0, 'less than 1 min'],
      [29, 'less than 1 min'],
      [59, '1 min'],
      [60, '1 min'],
      [3569, '59 min'],
      [3599, '1 h'],
      [11_700, '3 h 15 min'],
      [86_399, '1 d'],
      [90_000, '1 d 1 h'],
      [172_800, '2 d'],
      [1e9, '11,574 d 1 h'],
      [Infinity, 'unknown'],
      [NaN, 'unknown'],
    ] as const) {
      assert.equal(formatDuration(editor(), seconds), text, String(seconds));
    }
  });

  it('gives how long something took to the second, below an hour', () => {
    for (const [seconds, text] of [
      [0, '0 s'],
      [59.4, '59 s'],
      [59.6, '1 min'],
      [200, '3 min 20 s'],
      [3599, '59 min 59 s'],
      [3600, '1 h'],
      [11_700, '3 h 15 min'],
    ] as const) {
      assert.equal(formatElapsed(editor(), seconds), text, String(seconds));
    }
  });

  it('gives an age; a clock that runs behind makes none of the future', () => {
    const now = Date.UTC(2026, 10, 23, 14);
    const ago = (ms: number): string => formatAge(editor(), new Date(now - ms), now);
    assert.equal(ago(59_000), 'just now');
    assert.equal(ago(-90_000), 'just now');
    assert.equal(ago(240_000), '4 min ago');
    assert.equal(ago(183_600_000), '2 d 3 h ago');
    assert.equal(formatAge(editor(), new Date('odd'), now), 'at an unknown time');
  });

  it('gives a slow rate by the minute', () => {
    assert.equal(formatRate(editor(), 4.06), '4.1 files/s');
    assert.equal(formatRate(editor('de'), 4.06), '4,1 files/s');
    assert.equal(formatRate(editor(), 1234.5), '1,235 files/s');
    assert.equal(formatRate(editor(), 0), '0 files/s');
    assert.equal(formatRate(editor(), 0.05), '3 files/min');
    assert.equal(formatRate(editor(), 0.001), '0.1 files/min');
  });

  it('gives dates and times in the language', () => {
    const at = new Date(2026, 10, 23, 14, 2);
    assert.match(formatDate(editor(), at), /^Nov 23, 2026, 2:02\sPM$/);
    assert.equal(formatTime(editor('de'), at), '14:02');
  });
});
