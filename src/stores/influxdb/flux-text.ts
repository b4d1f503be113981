const units = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const

/** Whole seconds as a duration of Flux: `1h30m`. Days are the largest unit: weeks and months depend on where one starts to count. */
export function fluxDuration(seconds: number): string {
  let left = seconds
  let text = ''
  for (const [unit, size] of units) {
    const count = Math.floor(left / size)
    if (count > 0) text += `${count}${unit}`
    left -= count * size
  }
  return text === '' ? '0s' : text
}

/** A text as a string of Flux, which knows these escapes and replaces `${`. */
export function fluxString(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll('${', '\\${')
  return `"${escaped}"`
}
