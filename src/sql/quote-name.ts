/** An identifier in backticks (manual, "Schema Object Names": a backtick inside is doubled). */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}
