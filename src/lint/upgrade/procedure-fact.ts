import type { CodeSnapshot } from '../../ddl/snapshot.ts'

/** A procedure as a server stores it, for the fixtures of rules about servers. */
export function procedureFact(name: string, text: string): CodeSnapshot {
  return { type: 'procedure', name, text, definer: '', sqlMode: '', timeZone: null, table: null, order: 0 }
}
