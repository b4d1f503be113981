import type { InBoth } from '../../core/in-both.ts'
import { check, type StoreProof, toProof } from '../outcome.ts'
import type { SnapshotPolicyDeclaration } from './declaration.ts'
import { lastDue } from './last-due.ts'
import type { PolicyRuns, SnapshotRuns } from './snapshot-ports.ts'

/** Milliseconds that a snapshot may be late, or take without being listed as one that is under way. */
const patience = 3_600_000

/**
 * Whether declared snapshot policies take their snapshots: the last one succeeded, and none that was due is missing.
 * @param now milliseconds since the epoch
 */
export function judgeSnapshotRuns(
  declared: readonly Pick<SnapshotPolicyDeclaration, 'name' | 'content'>[],
  { mode, policies }: SnapshotRuns,
  now: number,
): readonly StoreProof[] {
  const present = declared.flatMap(({ name, content }) => {
    const runs = policies.get(name)
    // The comparison reports one that is missing.
    return runs === undefined ? [] : [{ name, schedule: String(content['schedule'] ?? ''), runs }]
  })
  if (present.length === 0) return []
  const findings = present.flatMap(({ name, schedule, runs }) => findFault(name, schedule, runs, now) ?? [])
  const taken = present.filter(({ runs }) => runs.lastSuccess !== null).length
  const name = { en: 'snapshot policies take their snapshots', zh: '快照策略按时创建快照' }
  const good = {
    en: `${taken} of ${present.length} have taken one, and none failed or is missing since`,
    zh: `共 ${present.length} 个，其中 ${taken} 个已创建过快照；此后没有失败或缺少的快照`,
  }
  const next = {
    en: 'Correct the cause, then take one with POST _slm/policy/<policy>/_execute; GET _slm/policy/<policy> shows what each has done.',
    zh: '请消除原因，然后用 POST _slm/policy/<policy>/_execute 创建一个快照；GET _slm/policy/<policy> 显示各策略的结果。',
  }
  return [...judgeMode(mode), check(name, findings, { good, next })]
}

/** Null where the server does not report it. */
function judgeMode(mode: string | null): readonly StoreProof[] {
  if (mode === null || mode === 'RUNNING') return []
  const name = { en: 'snapshot lifecycle management runs', zh: '快照生命周期管理（SLM）正在运行' }
  const next = { en: 'Start it with POST _slm/start.', zh: '请用 POST _slm/start 启动。' }
  return [toProof('bad', name, { en: `it is ${mode}`, zh: `状态为 ${mode}` }, next)]
}

function findFault(name: string, schedule: string, runs: PolicyRuns, now: number): InBoth | null {
  const { lastSuccess, lastFailure, changedAt, isRunning } = runs
  if (lastFailure !== null && lastFailure.at > (lastSuccess?.at ?? 0)) {
    const since = lastSuccess === null ? null : sayInstant(lastSuccess.at)
    return {
      en: `${name}: its last snapshot, ${lastFailure.snapshot}, failed at ${sayInstant(lastFailure.at)}: ${lastFailure.why}; ${since === null ? 'it has taken none before' : `the last good one is of ${since}`}`,
      zh: `${name}：最近一次快照 ${lastFailure.snapshot} 于 ${sayInstant(lastFailure.at)} 失败：${lastFailure.why}；${since === null ? '此前没有成功过' : `最近一次成功是在 ${since}`}`,
    }
  }
  const due = lastDue(schedule, now - patience)
  // One that was written since was not there yet.
  if (isRunning || due === null || changedAt > due || (lastSuccess !== null && lastSuccess.at >= due)) return null
  return lastSuccess === null
    ? {
        en: `${name}: it has taken no snapshot, and one was due at ${sayInstant(due)}`,
        zh: `${name}：它没有创建过快照，而 ${sayInstant(due)} 应有一次`,
      }
    : {
        en: `${name}: its last snapshot is of ${sayInstant(lastSuccess.at)}, and one was due at ${sayInstant(due)}`,
        zh: `${name}：最近一次快照是在 ${sayInstant(lastSuccess.at)}，而 ${sayInstant(due)} 应有一次`,
      }
}

function sayInstant(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
