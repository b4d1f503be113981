/**
 * The name of a migration in messages: `20260101000000_create_users`; a repeatable one and a seed by their names, `R__views`; its
 * pass on one shard by both, `20260101000000 on messages_202601`.
 */
export function migrationLabel({ version, name }: { readonly version: string; readonly name: string }): string {
  const slash = version.indexOf('/')
  if (slash >= 0) return `${version.slice(0, slash)} on ${name}`
  return version.startsWith('R__') || version.startsWith('S__') ? version : `${version}_${name}`
}
