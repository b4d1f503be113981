/**
 * The name of a migration in messages: `20260101000000_create_users`; a repeatable one and a seed by their names, `R__views`; its
 * pass on one shard by both, `20260101000000 on messages_202601`.
 */
export function migrationLabel(migration: { readonly version: string; readonly name: string }): string {
  const [version, key] = migration.version.split('/')
  if (key !== undefined) return `${version} on ${migration.name}`
  return /^[RS]__/.test(migration.version) ? migration.version : `${migration.version}_${migration.name}`
}
