import type * as vscode from 'vscode';

/** Numbers, times and rates in the editor's language. */

/** @returns such as `48,912` */
export function formatCount(vs: typeof vscode, count: number): string {
  return count.toLocaleString(vs.env.language);
}

/** @returns such as `$1.70` */
export function formatDollars(vs: typeof vscode, amount: number): string {
  return amount.toLocaleString(vs.env.language, { style: 'currency', currency: 'USD' });
}

/**
 * @param seconds 0 or more
 * @returns the two largest units without a zero, such as `3 h 15 min` and `2 d`; `less than 1 min` below half a minute
 */
export function formatDuration(vs: typeof vscode, seconds: number): string {
  const { t } = vs.l10n;
  if (!Number.isFinite(seconds)) return t('unknown');
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return t('less than 1 min');
  if (minutes < 60) return t('{0} min', minutes);
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? t('{0} h {1} min', hours, minutes % 60) : t('{0} h', hours);
  const days = formatCount(vs, Math.floor(hours / 24));
  return hours % 24 ? t('{0} d {1} h', days, hours % 24) : t('{0} d', days);
}

/**
 * @param seconds 0 or more
 * @returns how long something took: such as `3 min 20 s` and `20 s` below an hour, else as `formatDuration`
 */
export function formatElapsed(vs: typeof vscode, seconds: number): string {
  const { t } = vs.l10n;
  const whole = Math.round(seconds);
  if (whole < 60) return t('{0} s', whole);
  if (whole >= 3600) return formatDuration(vs, whole);
  const minutes = Math.floor(whole / 60);
  return whole % 60 ? t('{0} min {1} s', minutes, whole % 60) : t('{0} min', minutes);
}

/** @returns such as `about 3 h 15 min`; below half a minute `less than 1 min`, without `about` */
export function formatAbout(vs: typeof vscode, seconds: number): string {
  const duration = formatDuration(vs, seconds);
  return seconds < 30 ? duration : vs.l10n.t('about {0}', duration);
}

/** @returns such as `4 min ago` and `2 d 3 h ago`; `at an unknown time` for an invalid date */
export function formatAge(vs: typeof vscode, at: Date, now: number = Date.now()): string {
  const { t } = vs.l10n;
  if (Number.isNaN(at.getTime())) return t('at an unknown time');
  const seconds = Math.max(0, (now - at.getTime()) / 1000);
  return seconds < 60 ? t('just now') : t('{0} ago', formatDuration(vs, seconds));
}

/** @returns such as `14:02` in the editor's language and the user's time zone */
export function formatTime(vs: typeof vscode, at: Date): string {
  return at.toLocaleTimeString(vs.env.language, { timeStyle: 'short' });
}

/** @returns such as `23 Nov 2026, 14:02` in the editor's language and the user's time zone */
export function formatDate(vs: typeof vscode, at: Date): string {
  return at.toLocaleString(vs.env.language, { dateStyle: 'medium', timeStyle: 'short' });
}

/** @returns such as `23 Nov 2026` in the editor's language and the user's time zone */
export function formatDay(vs: typeof vscode, at: Date): string {
  return at.toLocaleDateString(vs.env.language, { dateStyle: 'medium' });
}

/** @returns such as `62 %` of all; 100 % only where nothing is left */
export function formatPercent(vs: typeof vscode, done: number, all: number): string {
  const percent = all > 0 ? Math.floor((100 * Math.min(done, all)) / all) : 0;
  return vs.l10n.t('{0} %', percent);
}

/** @returns such as `4.1 files/s`; a rate below one a second is given per minute */
export function formatRate(vs: typeof vscode, filesPerSecond: number): string {
  const { t } = vs.l10n;
  const { number, isPerSecond } = rateOf(vs, filesPerSecond);
  return isPerSecond ? t('{0} files/s', number) : t('{0} files/min', number);
}

/** @returns such as `35 done/s`; a rate below one a second is given per minute */
export function formatDoneRate(vs: typeof vscode, filesPerSecond: number): string {
  const { t } = vs.l10n;
  const { number, isPerSecond } = rateOf(vs, filesPerSecond);
  return isPerSecond ? t('{0} done/s', number) : t('{0} done/min', number);
}

/** @returns such as `9.8/s`; a rate below one a second is given per minute */
export function formatCalls(vs: typeof vscode, perSecond: number): string {
  const { t } = vs.l10n;
  const { number, isPerSecond } = rateOf(vs, perSecond);
  return isPerSecond ? t('{0}/s', number) : t('{0}/min', number);
}

function rateOf(vs: typeof vscode, perSecond: number): { number: string; isPerSecond: boolean } {
  const isPerSecond = perSecond >= 1 || perSecond === 0;
  const rate = isPerSecond ? perSecond : perSecond * 60;
  const number = rate.toLocaleString(vs.env.language, { maximumFractionDigits: rate < 10 ? 1 : 0 });
  return { number, isPerSecond };
}
