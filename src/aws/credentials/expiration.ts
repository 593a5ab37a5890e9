/** Date, time, zone: what ISO 8601 allows of them, with the spellings that Python's dateutil takes as well. */
const ISO =
  /^(\d{4})-?(\d\d)-?(\d\d)[T ]+(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)? *(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)$/i;
const ENDS_IN_ZONE = /(Z|UTC|GMT|[+-]\d\d:?\d\d)$/i;

/**
 * Reads when credentials end, as the AWS CLI reads what a `credential_process` or AWS_CREDENTIAL_EXPIRATION says of it.
 * @param value of any origin; a time without a zone could be hours off, and the AWS CLI refuses it too
 * @returns undefined where it is no point in time
 */
export function readExpiration(value: unknown): Date | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  const [, year, month, day, hour, minute, second = '00', fraction = '', zone = ''] = ISO.exec(text) ?? [];
  const offset = /\d/.test(zone)
    ? zone.replace(/^(...):?(..)?$/, (_, hours, rest = '00') => `${hours}:${rest}`)
    : 'Z';
  const millis = fraction.slice(0, 3).padEnd(3, '0');
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.${millis}${offset}`;
  const at = new Date(year === undefined && ENDS_IN_ZONE.test(text) ? text : iso);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
