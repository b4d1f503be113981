/** The same text on its own: a slice of a text of 100 MB holds all of it for as long as the slice lives. */
export function copyText(slice: string): string {
  return Buffer.from(slice).toString()
}

/** The beginning of a text, on its own. */
export function copyBeginning(text: string, length: number): string {
  return text.length <= length ? text : copyText(text.slice(0, length))
}
