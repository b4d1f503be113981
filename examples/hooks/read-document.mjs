// What both samples share: the document from stdin, and one line for people.
import { stdin } from 'node:process'

export async function readDocument() {
  const chunks = []
  for await (const chunk of stdin) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

/** `migrate of ann@build-7 on production: failed after 3 s`, and what went wrong. */
export function describe({ event, command, person, host, environment, end, migration, rotation, run, job }) {
  const what =
    migration !== undefined
      ? `${command}: ${migration.file} (${migration.database}, ${migration.direction})`
      : rotation !== undefined
        ? `${command}: ${rotation.family} (${rotation.database})`
        : command
  const place = environment === null ? '' : ` on ${environment}`
  const state =
    end === undefined ? `begins (${event})` : `${end.outcome} after ${(end.milliseconds / 1000).toFixed(1)} s`
  const lines = [`${what} by ${person}@${host}${place}: ${state}`]
  if (end?.error) lines.push(`${end.error.code ?? 'DEFECT'}: ${end.error.message}`)
  if (rotation !== undefined)
    for (const step of ['create', 'hold', 'archive', 'drop'])
      if (rotation[step].length > 0) lines.push(`${step}: ${rotation[step].join(', ')}`)
  lines.push(`run ${run}${job === null ? '' : `, ${job}`}`)
  return lines
}

/** Posts JSON; gives the answer's text. Throws where the service refuses it. */
export async function post(url, body) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`the service answers ${response.status}: ${text.slice(0, 200)}`)
  return text
}
