import * as z from 'zod/mini'
import { ToolError } from '../../core/tool-error.ts'
import { pathOf, type Requests } from './driver-requests.ts'
import type { ObservedRepository, ObservedSnapshots, SnapshotWrite, WantedSnapshots } from './snapshot-ports.ts'

const json = z.record(z.string(), z.unknown())
const repositories = z.record(z.string(), z.object({ type: z.string(), settings: json }))
const policies = z.record(z.string(), z.object({ policy: json }))
const flat = { flat_settings: true }

/** Reads what is declared; nothing is requested where nothing is. */
export async function observeSnapshots(requests: Requests, wanted: WantedSnapshots): Promise<ObservedSnapshots> {
  const [places, plans] = await Promise.all([
    Promise.all(
      wanted.repositories.map(async (name) => {
        const answer = await requests.find(`read snapshot repository ${name}`, pathOf('_snapshot', name), flat)
        return answer === null ? [] : [...toRepositories(answer)]
      }),
    ),
    Promise.all(
      wanted.policies.map(async (name) => {
        const answer = await requests.find(`read snapshot policy ${name}`, pathOf('_slm', 'policy', name))
        return answer === null ? [] : [...toPolicies(answer)]
      }),
    ),
  ])
  return { repositories: new Map(places.flat()), policies: new Map(plans.flat()) }
}

/** All of them; none where the server has no policies of snapshots. */
export async function readSnapshots(requests: Requests): Promise<ObservedSnapshots> {
  const [places, plans] = await Promise.all([
    requests.find('list snapshot repositories', '/_snapshot', flat),
    requests.find('list snapshot policies', '/_slm/policy'),
  ])
  return { repositories: toRepositories(places ?? {}), policies: toPolicies(plans ?? {}) }
}

function toRepositories(answer: unknown): ReadonlyMap<string, ObservedRepository> {
  const found = Object.entries(z.parse(repositories, answer))
  return new Map(found.map(([name, { type, settings }]) => [name, { type, settings }]))
}

function toPolicies(answer: unknown): ObservedSnapshots['policies'] {
  return new Map(Object.entries(z.parse(policies, answer)).map(([name, { policy }]) => [name, policy]))
}

export async function writeSnapshots(requests: Requests, { type, name, body }: SnapshotWrite): Promise<void> {
  if (type === 'put-repository') {
    await requests.send(`put snapshot repository ${name}`, 'PUT', pathOf('_snapshot', name), { body })
    return
  }
  await requests.send(`put snapshot policy ${name}`, 'PUT', pathOf('_slm', 'policy', name), { body })
}

/** Why a node cannot write into it; null where every node can. */
export async function tryRepository(requests: Requests, name: string): Promise<string | null> {
  try {
    await requests.send(`verify snapshot repository ${name}`, 'POST', pathOf('_snapshot', name, '_verify'))
    return null
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'STORE_REFUSED') throw error
    return error.faults.map(({ why, what }) => why ?? what).join(' ')
  }
}
