/** Whether `users`, `etl_*` or `user_db/users` names an object; `*` stands for any characters. */
export function namesObject(pattern: string, database: string, name: string): boolean {
  const at = pattern.indexOf('/')
  if (at >= 0 && pattern.slice(0, at) !== database) return false
  const parts = pattern
    .slice(at + 1)
    .split('*')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(name)
}
