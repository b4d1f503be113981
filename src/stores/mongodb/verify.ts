import { asSaid, type InBoth, joinBoth } from '../../core/in-both.ts'
import { groupDigits } from '../../core/plural.ts'
import type { VerifyDepth } from '../contract.ts'
import { type StoreProof, toProof } from '../outcome.ts'
import { hasVote, sameHost } from './configuration.ts'
import type { Declaration } from './declaration.ts'
import { defineMembers, findWriter, type Members, type MongodbContext, membersOfSet, sayState } from './members.ts'
import type { MongodbDriver, ObservedMember } from './ports.ts'

/** Milliseconds that a secondary may lag behind before a person should look. */
const lagLimit = 10_000

/** Reads once, waits for nothing: the current state is the answer. */
export async function verify(context: MongodbContext, depth: VerifyDepth): Promise<readonly StoreProof[]> {
  const { declaration, driver, prefix } = context
  const members = defineMembers(context)
  const seen = await members.observe()
  const writer = findWriter(members, seen)
  return [
    ...seen.map((member) => checkMember(members, member)),
    ...(members.wanted === null ? [] : [checkPrimary(seen), checkAgreement(seen), checkMajority(seen)]),
    ...(depth === 'look' ? [] : [await checkWriting(declaration, driver, seen, writer, prefix)]),
    ...(await checkAccess(driver, seen)),
  ]
}

function checkMember({ wanted }: Members, { host, status, version }: ObservedMember): StoreProof {
  const name = { en: `${host} answers`, zh: `${host} 有应答` }
  if (status.type === 'unreachable')
    return bad(name, asSaid(status.why), {
      en: 'Start it; it catches up automatically.',
      zh: '请启动该成员；它会自动追上。',
    })
  const state = sayState(status)
  if (wanted === null)
    return good(name, { en: `${state.en}, MongoDB ${version}`, zh: `${state.zh}，MongoDB ${version}` })
  if (status.type !== 'member') return bad(name, state, runPlan)
  if (status.setName !== wanted.name) {
    const seen = { en: `belongs to the set ${status.setName}`, zh: `属于副本集 ${status.setName}` }
    return bad(name, seen, { en: 'Correct the list of members.', zh: '请修正成员列表。' })
  }
  if (!isVoterWell(status.state)) {
    return bad(name, asSaid(status.state), {
      en: 'Wait until it has caught up; otherwise check its log.',
      zh: '请等待它追上；否则查看其日志。',
    })
  }
  const lag = lagOf(status.peers, host)
  if (lag > lagLimit) {
    const seconds = groupDigits(Math.round(lag / 1000))
    const seen = { en: `SECONDARY, ${seconds} s behind`, zh: `SECONDARY，落后 ${seconds} 秒` }
    return toProof('warning', name, seen, { en: 'Find out what slows it down.', zh: '请查明它变慢的原因。' })
  }
  const isSecondary = status.state === 'SECONDARY'
  return good(name, {
    en: `${status.state}, MongoDB ${version}${isSecondary ? `, ${groupDigits(lag)} ms behind` : ''}`,
    zh: `${status.state}，MongoDB ${version}${isSecondary ? `，落后 ${groupDigits(lag)} 毫秒` : ''}`,
  })
}

const runPlan: InBoth = { en: 'Run `wwdb setup plan`.', zh: '请执行 `wwdb setup plan`。' }

/** Where members disagree for longer than a moment. */
const disagree: InBoth = {
  en: 'Wait a few seconds and retry; if it persists, check whether the members reach each other.',
  zh: '请等几秒后再检查；若仍如此，请检查各成员之间是否互相可达。',
}

/** Milliseconds by which the newest write of this member is older than that of the primary. */
function lagOf(
  peers: readonly { readonly host: string; readonly state: string; readonly lastWrite: number | null }[],
  host: string,
): number {
  const own = peers.find((peer) => sameHost(peer.host, host))?.lastWrite ?? null
  const primary = peers.find(({ state }) => state === 'PRIMARY')?.lastWrite ?? null
  return own === null || primary === null ? 0 : Math.max(0, primary - own)
}

function checkPrimary(seen: readonly ObservedMember[]): StoreProof {
  const name = { en: 'there is one primary', zh: '有且只有一个主节点' }
  const primaries = membersOfSet(seen)
    .filter(({ status }) => status.writable)
    .map(({ host }) => host)
  const [first] = primaries
  if (first === undefined)
    return bad(
      name,
      { en: 'there is no primary', zh: '没有主节点' },
      {
        en: 'A majority of the voting members must run and reach each other.',
        zh: '有投票权的成员中，多数必须在运行且互相可达。',
      },
    )
  if (primaries.length > 1)
    return bad(
      name,
      { en: `${primaries.join(' and ')} both accept writes`, zh: `${primaries.join(' 和 ')} 都接受写入` },
      disagree,
    )
  return good(name, asSaid(first))
}

function checkAgreement(seen: readonly ObservedMember[]): StoreProof {
  const name = { en: 'all members have the same configuration', zh: '所有成员的配置一致' }
  const joined = membersOfSet(seen)
  const kinds = [...new Set(joined.map(({ status }) => `version ${status.version}, term ${status.term}`))]
  if (kinds.length === 1) return good(name, asSaid(kinds.join('')))
  const none = { en: 'no member has one', zh: '没有成员有配置' }
  const each = joined.map(({ host, status: { version, term } }) => ({
    en: `${host} has version ${version}, term ${term}`,
    zh: `${host} 的版本是 ${version}，任期 ${term}`,
  }))
  return bad(name, each.length === 0 ? none : joinBoth(each, { en: '; ', zh: '；' }), disagree)
}

/** How many more may fail before no member accepts writes. */
export function checkMajority(seen: readonly ObservedMember[]): StoreProof {
  const name = { en: 'one more member may fail', zh: '还能再容忍一个成员失效' }
  const joined = membersOfSet(seen)
  const configuration = joined.find(({ status }) => status.configuration !== null)?.status.configuration ?? null
  const voters = configuration?.members.filter(hasVote) ?? []
  const isSeenWell = ({ host }: { readonly host: string }): boolean => isVoterSeenWell(host, seen)
  const well = voters.filter(isSeenWell)
  const majority = Math.floor(voters.length / 2) + 1
  const counted = {
    en: `${well.length} of ${voters.length} voting members are healthy, ${majority} are needed`,
    zh: `${voters.length} 个有投票权的成员中 ${well.length} 个正常，至少需要 ${majority} 个`,
  }
  const advice = adviseMajority(voters.filter((voter) => !isSeenWell(voter)).map(({ host }) => host))
  if (voters.length === 0 || well.length < majority) return bad(name, counted, voters.length === 0 ? runPlan : advice)
  if (well.length === majority) return toProof('warning', name, counted, advice)
  return good(name, counted)
}

/** As it says itself, or, where nobody asked it, as the others see it: an arbiter is no member that a file declares. */
function isVoterSeenWell(host: string, seen: readonly ObservedMember[]): boolean {
  const own = seen.find((member) => sameHost(member.host, host))
  if (own !== undefined) return own.status.type === 'member' && isVoterWell(own.status.state)
  return membersOfSet(seen).some(({ status }) =>
    status.peers.some((peer) => sameHost(peer.host, host) && peer.healthy && isVoterWell(peer.state)),
  )
}

/** @param unseen the voting members that were not seen healthy. A set of one or two has too few of them even when all are. */
function adviseMajority(unseen: readonly string[]): InBoth {
  return unseen.length === 0
    ? {
        en: 'All are healthy, but they are too few: declare at least three voting members.',
        zh: '成员全部正常，但数量太少：请声明至少三个有投票权的成员。',
      }
    : {
        en: `Not seen healthy: ${unseen.join(', ')}. Start what is down, let what runs catch up, and see that each is reached from here.`,
        zh: `未确认正常的成员：${unseen.join('、')}。请启动停止的成员，等运行中的成员追上，并确认从此处都能连接到它们。`,
      }
}

/** An arbiter has a vote and no data. */
function isVoterWell(state: string): boolean {
  return isWell(state) || state === 'ARBITER'
}

function isWell(state: string): boolean {
  return state === 'PRIMARY' || state === 'SECONDARY'
}

async function checkWriting(
  declaration: Declaration,
  driver: MongodbDriver,
  seen: readonly ObservedMember[],
  writer: string | null,
  prefix: string,
): Promise<StoreProof> {
  const name = {
    en: 'a document written with majority is read everywhere',
    zh: '以 majority 写入的文档在各成员上都能读到',
  }
  if (writer === null) {
    const seen = { en: 'no member accepts writes', zh: '没有成员接受写入' }
    return bad(name, seen, { en: 'Bring the members online first.', zh: '请先恢复各成员。' })
  }
  const database = declaration.databases[0]?.name ?? `${prefix}wwdb`
  const readers = membersOfSet(seen)
    .filter(({ status }) => isWell(status.state))
    .map(({ address }) => address)
  const places = readers.length === 0 ? [writer] : readers
  try {
    const { outcome, missing } = await driver.proveWriting(writer, places, database)
    if (outcome !== 'done') {
      const seen = { en: `${writer} is no longer the primary`, zh: `${writer} 已不是主节点` }
      return bad(name, seen, { en: 'Retry in a few seconds.', zh: '请几秒后重试。' })
    }
    if (missing.length > 0) {
      const seen = { en: `not seen on ${missing.join(', ')}`, zh: `在 ${missing.join('、')} 上读不到` }
      return bad(name, seen, { en: 'Find out why these members lag behind.', zh: '请查明这些成员延迟的原因。' })
    }
    return good(name, {
      en: `seen on ${places.join(', ')}, and removed`,
      zh: `在 ${places.join('、')} 上均能读到，随后已删除`,
    })
  } catch (error) {
    return bad(name, asSaid(error instanceof Error ? reasonOf(error) : String(error)), {
      en: 'Fix the cause that the reason names.',
      zh: '请按原因中的提示处理。',
    })
  }
}

function reasonOf(error: Error & { readonly faults?: readonly { readonly why?: string }[] }): string {
  return error.faults?.[0]?.why ?? error.message
}

async function checkAccess(driver: MongodbDriver, seen: readonly ObservedMember[]): Promise<readonly StoreProof[]> {
  const name = { en: 'access control is on', zh: '已启用访问控制' }
  const reached = seen.filter(({ status }) => status.type !== 'unreachable')
  const answers = await Promise.all(
    reached.map(async ({ host, address }) => ({ host, on: await driver.readAccessControl(address) })),
  )
  const open = answers.filter(({ on }) => on === false).map(({ host }) => host)
  if (open.length > 0) {
    const seen = {
      en: `any client can do anything on ${open.join(', ')}`,
      zh: `任何客户端都可以在 ${open.join('、')} 上执行任何操作`,
    }
    const next = {
      en: 'Start every member with the same keyFile; not needed on your own machine.',
      zh: '请用同一个 keyFile 启动所有成员；在本机自用时可以不设。',
    }
    return [toProof('warning', name, seen, next)]
  }
  return answers.some(({ on }) => on === true)
    ? [good(name, { en: 'on every member that reports it', zh: '在报告该状态的每个成员上' })]
    : []
}

function good(name: InBoth, seen: InBoth): StoreProof {
  return toProof('good', name, seen, null)
}

function bad(name: InBoth, seen: InBoth, next: InBoth): StoreProof {
  return toProof('bad', name, seen, next)
}
