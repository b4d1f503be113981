import type { Redis } from 'ioredis'

/** All in one transaction, sent at once. */
export async function together(client: Redis, commands: readonly (readonly string[])[]): Promise<void> {
  const transaction = client.multi()
  for (const [name = '', ...words] of commands) transaction.call(name, ...words)
  const replies = await transaction.exec()
  for (const [error] of replies ?? []) if (error !== null) throw error
}
