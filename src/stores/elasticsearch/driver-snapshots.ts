import * as z from 'zod/mini'
import { ToolError } from '../../core/tool-error.ts'
import { hideSecrets } from '../hide-secrets.ts'
import { pathOf, type Requests } from './driver-requests.ts'
import { isReadOnly } from './snapshot-places.ts'
import type {
  FoundSnapshots,
  ObservedRepository,
  ObservedSnapshots,
  PolicyRuns,
  SnapshotRuns,
  SnapshotWrite,
  WantedSnapshots,
} from './snapshot-ports.ts'

const json = z.record(z.string(), z.unknown())
const repository = z.object({ type: z.string(), settings: json })
const repositories = z.record(z.string(), repository)
const policies = z.record(z.string(), z.object({ policy: json }))
const flat = { flat_settings: true }

const counted = z.object({ snapshots: z.array(z.unknown()), total: z.optional(z.number()) })

/** Reads what is declared, and what else is registered; nothing is requested where nothing is declared. */
export async function observeSnapshots(requests: Requests, wanted: WantedSnapshots): Promise<ObservedSnapshots> {
  if (wanted.repositories.length + wanted.policies.length === 0) return nothing
  const found = await readSnapshots(requests)
  const [declared, others] = [true, false].map(
    (isDeclared) =>
      new Map([...found.repositories].filter(([name]) => wanted.repositories.includes(name) === isDeclared)),
  )
  const policies = new Map([...found.policies].filter(([name]) => wanted.policies.includes(name)))
  const earlier = new Map<string, number | null>()
  for (const { policy, repository } of wanted.retentions) {
    if (policies.get(policy)?.['repository'] === repository) continue
    const isThere = found.repositories.has(repository)
    earlier.set(policy, isThere ? await countTaken(requests, policy, repository) : null)
  }
  return { repositories: declared ?? new Map(), others: others ?? new Map(), policies, earlier }
}

const nothing: ObservedSnapshots = {
  repositories: new Map(),
  policies: new Map(),
  others: new Map(),
  earlier: new Map(),
}

/** How many snapshots a policy of this name took; null where the repository cannot be read. */
async function countTaken(requests: Requests, policy: string, repository: string): Promise<number | null> {
  const what = `count snapshots of policy ${policy} in ${repository}`
  const query = { slm_policy_filter: policy, size: 1 }
  try {
    const answer = await requests.find(what, `${pathOf('_snapshot', repository)}/*`, query)
    if (answer === null) return null
    const { snapshots, total } = z.parse(counted, answer)
    return total ?? snapshots.length
  } catch (error) {
    if (error instanceof ToolError && error.code === 'STORE_REFUSED') return null
    throw error
  }
}

/** All of them; none where the server has no policies of snapshots. */
export async function readSnapshots(requests: Requests): Promise<FoundSnapshots> {
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

function toPolicies(answer: unknown): FoundSnapshots['policies'] {
  return new Map(Object.entries(z.parse(policies, answer)).map(([name, { policy }]) => [name, policy]))
}

const taken = z.object({ snapshot_name: z.string(), time: z.number(), details: z.optional(z.nullable(z.string())) })

const runs = z.record(
  z.string(),
  z.object({
    modified_date_millis: z.optional(z.number()),
    last_success: z.optional(taken),
    last_failure: z.optional(taken),
    in_progress: z.optional(z.unknown()),
  }),
)

const operation = z.object({ operation_mode: z.string() })
const explained = z.looseObject({ reason: z.string() })

/** What all policies have done. */
export async function readSnapshotRuns(requests: Requests): Promise<SnapshotRuns> {
  const [status, plans] = await Promise.all([
    requests.find('read the status of snapshot policies', '/_slm/status'),
    requests.find('read the snapshots of policies', '/_slm/policy'),
  ])
  const policies = Object.entries(z.parse(runs, plans ?? {})).map(([name, policy]): readonly [string, PolicyRuns] => {
    const { last_success: success, last_failure: failure } = policy
    return [
      name,
      {
        changedAt: policy.modified_date_millis ?? 0,
        lastSuccess: success === undefined ? null : { snapshot: success.snapshot_name, at: success.time },
        lastFailure:
          failure === undefined
            ? null
            : { snapshot: failure.snapshot_name, at: failure.time, why: reasonOf(failure.details ?? '') },
        isRunning: policy.in_progress !== undefined,
      },
    ]
  })
  return { mode: status === null ? null : z.parse(operation, status).operation_mode, policies: new Map(policies) }
}

/** The server keeps an error as JSON, cut off where it is long. */
function reasonOf(details: string): string {
  const cut = /"reason"\s*:\s*"((?:[^"\\]|\\.)*)/.exec(details)?.[1]
  const parsed = z.safeParse(explained, parseUnlessText(details))
  const reason = (parsed.success ? parsed.data.reason : (cut ?? details)).replaceAll(/\s+/g, ' ').trim()
  return reason === '' ? 'the server gave no reason' : hideSecrets(reason).slice(0, 300).replace(/\.$/, '')
}

function parseUnlessText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** @throws ToolError STORE_REFUSED where a node cannot write into a repository, which is registered all the same. */
export async function writeSnapshots(requests: Requests, change: SnapshotWrite): Promise<void> {
  const { name, body } = change
  if (change.type === 'put-snapshot-policy') {
    await requests.send(`put snapshot policy ${name}`, 'PUT', pathOf('_slm', 'policy', name), { body })
    return
  }
  const query = { verify: false }
  await requests.send(`put snapshot repository ${name}`, 'PUT', pathOf('_snapshot', name), { body, query })
  if (isReadOnly(z.parse(repository, body))) return
  const why = await tryRepository(requests, name)
  if (why === null) return
  throw new ToolError('STORE_REFUSED', {
    what: `Snapshot repository \`${name}\` is registered, but not every node can write into it.`,
    where: { server: requests.server },
    why,
    next: 'Let every node reach the same storage, with the same keystore, and apply again; `wwdb setup verify` tries it. The changes after this one were not applied.',
  })
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
