import { type InBoth, joinBoth } from '../../core/in-both.ts'
import { check, type StoreProof, toProof } from '../outcome.ts'
import type { SnapshotPolicyDeclaration } from './declaration.ts'
import { lastDue } from './last-due.ts'
import type { PolicyRuns, SnapshotRuns } from './snapshot-ports.ts'

/** Milliseconds that a snapshot may be late, or take without being listed as one that is under way. */
const patience = 3_600_000

/** What is known of one policy: it did what it should, it did not, or nothing can be said yet, and why. */
type Judgement =
  | { readonly type: 'good' }
  | { readonly type: 'fault'; readonly says: InBoth }
  | { readonly type: 'not-judged'; readonly says: InBoth }

/**
 * Whether declared snapshot policies take their snapshots: the last one succeeded, and none that was due is missing. Those of which nothing can be said are named apart.
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
    return runs === undefined ? [] : [judge(name, String(content['schedule'] ?? ''), runs, now)]
  })
  if (present.length === 0) return []
  const faults = present.flatMap((one) => (one.type === 'fault' ? [one.says] : []))
  const open = present.flatMap((one) => (one.type === 'not-judged' ? [one.says] : []))
  const judged = present.length - open.length
  const name = { en: 'snapshot policies take their snapshots', zh: '快照策略按时创建快照' }
  const good = {
    en: `${judged} of ${present.length} have taken one, and none failed or is missing since`,
    zh: `共 ${present.length} 个，其中 ${judged} 个已创建过快照；此后没有失败或缺少的快照`,
  }
  const next = {
    en: 'Correct the cause, then take one with POST _slm/policy/<policy>/_execute; GET _slm/policy/<policy> shows what each has done.',
    zh: '请消除原因，然后用 POST _slm/policy/<policy>/_execute 创建一个快照；GET _slm/policy/<policy> 显示各策略的结果。',
  }
  return [
    ...judgeMode(mode),
    ...(judged === 0 ? [] : [check(name, faults, { good, next })]),
    ...(open.length === 0 ? [] : [toProof('not-judged', name, joinBoth(open, { en: '; ', zh: '；' }), null)]),
  ]
}

/** Null where the server does not report it. */
function judgeMode(mode: string | null): readonly StoreProof[] {
  if (mode === null || mode === 'RUNNING') return []
  const name = { en: 'snapshot lifecycle management runs', zh: '快照生命周期管理（SLM）正在运行' }
  const next = { en: 'Start it with POST _slm/start.', zh: '请用 POST _slm/start 启动。' }
  return [toProof('bad', name, { en: `it is ${mode}`, zh: `状态为 ${mode}` }, next)]
}

function judge(name: string, schedule: string, runs: PolicyRuns, now: number): Judgement {
  const { lastSuccess, lastFailure, changedAt, isRunning } = runs
  if (lastFailure !== null && lastFailure.at > (lastSuccess?.at ?? 0)) return failed(name, lastFailure, lastSuccess)
  const due = lastDue(schedule, now - patience)
  if (due === null)
    return notJudged(name, lastSuccess, {
      en: `what \`${schedule}\` means is not known here`,
      zh: `此处无法计算 \`${schedule}\``,
    })
  if (lastSuccess !== null && lastSuccess.at >= due) return { type: 'good' }
  if (isRunning) return notJudged(name, lastSuccess, { en: 'one is under way', zh: '正在创建一次快照' })
  // One that was written since was not there yet.
  if (changedAt > due) {
    if (lastSuccess !== null) return { type: 'good' }
    return notJudged(name, null, {
      en: `it was written at ${sayInstant(changedAt)}, and none was due since`,
      zh: `它写入于 ${sayInstant(changedAt)}，此后尚未到计划时间`,
    })
  }
  const says =
    lastSuccess === null
      ? {
          en: `${name}: it has taken no snapshot, and one was due at ${sayInstant(due)}`,
          zh: `${name}：它没有创建过快照，而 ${sayInstant(due)} 应有一次`,
        }
      : {
          en: `${name}: its last snapshot is of ${sayInstant(lastSuccess.at)}, and one was due at ${sayInstant(due)}`,
          zh: `${name}：最近一次快照是在 ${sayInstant(lastSuccess.at)}，而 ${sayInstant(due)} 应有一次`,
        }
  return { type: 'fault', says }
}

function failed(
  name: string,
  failure: NonNullable<PolicyRuns['lastFailure']>,
  success: PolicyRuns['lastSuccess'],
): Judgement {
  const since = success === null ? null : sayInstant(success.at)
  const says = {
    en: `${name}: its last snapshot, ${failure.snapshot}, failed at ${sayInstant(failure.at)}: ${failure.why}; ${since === null ? 'it has taken none before' : `the last good one is of ${since}`}`,
    zh: `${name}：最近一次快照 ${failure.snapshot} 于 ${sayInstant(failure.at)} 失败：${failure.why}；${since === null ? '此前没有成功过' : `最近一次成功是在 ${since}`}`,
  }
  return { type: 'fault', says }
}

function notJudged(name: string, success: PolicyRuns['lastSuccess'], why: InBoth): Judgement {
  const seen =
    success === null
      ? { en: 'it has taken no snapshot', zh: '它没有创建过快照' }
      : { en: `its last snapshot is of ${sayInstant(success.at)}`, zh: `最近一次快照是在 ${sayInstant(success.at)}` }
  return {
    type: 'not-judged',
    says: { en: `${name}: not judged: ${seen.en}, and ${why.en}`, zh: `${name}：未作判断：${seen.zh}，${why.zh}` },
  }
}

function sayInstant(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
