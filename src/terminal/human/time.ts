/** A journal time (`YYYY-MM-DD HH:MM:SS.ffffff`, UTC) without its fraction. */
export function formatTime(time: string): string {
  return time
    .replace(/\.\d+$/, '')
    .replace('T', ' ')
    .replace(/Z$/, '')
}

/** The same without seconds. */
export function formatMinute(time: string): string {
  return formatTime(time).slice(0, 'YYYY-MM-DD HH:MM'.length)
}
