/** The servers that tests need, as WWDB_TEST_OPTIONAL names them. */
export const serverNames = [
  'mysql',
  'mysql80',
  'group',
  'redis',
  'redis62',
  'influxdb',
  'vitess',
  'elasticsearch',
  'mongodb',
  'chromium',
  'pt-osc',
] as const

export type ServerName = (typeof serverNames)[number]

/** Reads WWDB_TEST_OPTIONAL (`mysql80,group`): servers that may be absent. Every other one must be there, or the run fails. */
export function parseOptional(text: string | undefined): ReadonlySet<ServerName> {
  const names = (text ?? '').split(/[\s,]+/).filter((name) => name !== '')
  return new Set(names.map(toServerName))
}

function toServerName(name: string): ServerName {
  const found = serverNames.find((known) => known === name)
  if (found === undefined) throw new Error(`WWDB_TEST_OPTIONAL names ${name}; known are ${serverNames.join(', ')}`)
  return found
}
