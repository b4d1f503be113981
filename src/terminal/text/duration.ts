/** A measured time, in milliseconds, as people read it: `<1 ms`, `23 ms`, `1.4 s`, `48 s`, `2 min 05 s`, `3 h 07 min`. */
export function formatDuration(milliseconds: number): string {
  const rounded = Math.max(0, Math.round(milliseconds))
  if (rounded === 0 && milliseconds > 0) return '<1 ms'
  if (rounded < 1000) return `${rounded} ms`
  if (rounded < 9950) return `${(rounded / 1000).toFixed(1)} s`
  return formatSeconds(rounded / 1000)
}

/** Whole seconds, for what still goes on: `0 s`, `48 s`, `2 min 05 s`, `3 h 07 min`, `4 d 02 h`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${twoDigits(whole % 60)} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`
  const hours = Math.floor(minutes / 60)
  return `${Math.floor(hours / 24)} d ${twoDigits(hours % 24)} h`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
