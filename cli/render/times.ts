/** A length of time in ms as people read it: `0.4s`, `12s`, `1m51s`, `30m`, `1h05m`, `2d3h`. Negative lengths read as 0. */
export function formatDuration(ms: number): string {
  if (ms < 950) return ms <= 0 ? '0s' : `${Math.max(0.1, Math.round(ms / 100) / 10)}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return pair(minutes, 'm', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? pair(hours, 'h', minutes % 60, 'm') : `${Math.floor(hours / 24)}d${hours % 24}h`;
}

/** Like `formatDuration`, in whole seconds: what is repainted should tick, not flicker. */
export function formatElapsed(ms: number): string {
  return formatDuration(Math.floor(Math.max(0, ms) / 1000) * 1000);
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${twoDigits(small)}${smallUnit}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** The time of day of a moment (ms since 1970) in the local time zone: `12:01:03`. */
export function clockTime(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
}

/** The day and time of a moment (ms since 1970) in the local time zone: `2026-11-20 12:01`. */
export function dayAndTime(at: number): string {
  const date = new Date(at);
  const day = [date.getFullYear(), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())].join('-');
  return `${day} ${clockTime(at).slice(0, 5)}`;
}
