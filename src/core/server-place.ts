/**
 * How a server whose statements are looked at is called in a sentence. Its name is `primary`, that of a replica of the configuration, or the address of
 * a group member that the configuration does not name: no replica's name has a colon.
 * @param mark what stands around a name
 */
export function nameServer(name: string, mark: '`' | '' = '`'): string {
  if (name === 'primary') return 'the primary'
  return `${name.includes(':') ? 'group member' : 'replica'} ${mark}${name}${mark}`
}
