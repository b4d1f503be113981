import { awaitWriter, defineMembers, type MongodbContext, waitingOf } from './members.ts'

/** Drops databases, users and roles whose names begin with the prefix, and returns them. Waits for a primary. */
export async function clear(context: MongodbContext): Promise<readonly string[]> {
  const writer = await awaitWriter(defineMembers(context), waitingOf(context))
  return context.driver.clear(writer, context.prefix)
}
