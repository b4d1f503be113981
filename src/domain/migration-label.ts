/** How a migration is called before people: `20260101000000_create_users`; a repeatable one by its name, `R__views`. */
export function migrationLabel(migration: { readonly version: string; readonly name: string }): string {
  return migration.version.startsWith('R__') ? migration.version : `${migration.version}_${migration.name}`
}
