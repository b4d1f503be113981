import type { Redis } from 'ioredis'
import type { ObservedLibrary } from './functions.ts'
import type { ObservedFunctions } from './ports.ts'

/** Servers before 7.0 do not know the command; a user may not be allowed to use it. */
export async function readFunctions(client: Redis): Promise<ObservedFunctions> {
  try {
    const reply = await client.call('FUNCTION', 'LIST', 'WITHCODE')
    return { type: 'libraries', libraries: new Map(listOf(reply).map(readLibrary)) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    if (/^ERR unknown (?:command|subcommand)/i.test(why)) return { type: 'none' }
    if (why.startsWith('NOPERM')) return { type: 'hidden', why }
    throw error
  }
}

/** A map is a list of its names and values in turn. */
function readLibrary(reply: unknown): readonly [string, ObservedLibrary] {
  const fields = fieldsOf(reply)
  const functions = listOf(fields.get('functions')).map((one) => String(fieldsOf(one).get('name')))
  return [String(fields.get('library_name')), { code: String(fields.get('library_code')), functions }]
}

function fieldsOf(reply: unknown): ReadonlyMap<string, unknown> {
  const list = listOf(reply)
  return new Map(list.flatMap((name, at) => (at % 2 === 0 ? [[String(name), list[at + 1]] as const] : [])))
}

function listOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : []
}

/** A node that became a replica meanwhile gets them from its primary. */
export async function loadFunctions(client: Redis, code: string): Promise<void> {
  if (await isPrimary(client)) await client.call('FUNCTION', 'LOAD', 'REPLACE', code)
}

/** It is not an error if another run has removed them already. */
export async function removeFunctions(client: Redis, library: string): Promise<void> {
  if (!(await isPrimary(client))) return
  try {
    await client.call('FUNCTION', 'DELETE', library)
  } catch (error) {
    if (!/Library not found/i.test(String(error))) throw error
  }
}

async function isPrimary(client: Redis): Promise<boolean> {
  const [role] = listOf(await client.call('ROLE'))
  return String(role) === 'master'
}
