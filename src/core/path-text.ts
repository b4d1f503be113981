/** A path into the configuration as people write it: `databases.user_db.url`, `databases["my db"]`. */
export function pathText(segments: readonly PropertyKey[]): string {
  let text = ''
  for (const segment of segments) {
    if (typeof segment === 'number') text += `[${segment}]`
    else if (/^[$\w-]+$/.test(String(segment))) text += text === '' ? String(segment) : `.${String(segment)}`
    else text += `[${JSON.stringify(String(segment))}]`
  }
  return text
}
