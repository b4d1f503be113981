/** Whether a pattern names an object of a database: `users`, `etl_*` or `user_db/users`; `*` stands for any characters. */
export function compilePattern(pattern: string): (database: string, name: string) => boolean {
  const at = pattern.indexOf('/')
  const only = at < 0 ? null : pattern.slice(0, at)
  const parts = pattern
    .slice(at + 1)
    .split('*')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const shape = new RegExp(`^${parts.join('.*')}$`)
  return (database, name) => (only === null || only === database) && shape.test(name)
}
