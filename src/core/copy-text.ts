/** A copy of a text: a slice of a text of 100 MB keeps all of it in memory as long as the slice lives. */
export function copyText(slice: string): string {
  return Buffer.from(slice).toString()
}

/** The beginning of a text, copied. */
export function copyBeginning(text: string, length: number): string {
  return text.length <= length ? text : copyText(text.slice(0, length))
}
