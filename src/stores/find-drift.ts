import type { InBoth } from '../core/in-both.ts'
import type { StoreKind } from '../core/store.ts'
import type { ToolError } from '../core/tool-error.ts'
import { allowFlag } from './allowed-losses.ts'
import { codesOf, type StoreChange, type StoreDifference, type StorePlan, type StoreResource } from './store-plan.ts'

/** A store and its server, as every finding names them. */
interface Place {
  readonly store: StoreKind
  readonly server: string
}

/** Every planned change is a finding: the store differs from its declaration. */
export function findDrift<Finding extends StoreFinding>(
  plan: Omit<StorePlan, 'findings'> & { readonly findings: readonly Finding[] },
): readonly (SaidFinding | Finding)[] {
  return [...plan.changes.map((change) => toFinding(plan, change)), ...plan.findings]
}

function toFinding({ store, server }: Place, change: StoreChange): SaidFinding {
  const { resource, action, summary, differences, loss } = change
  const { code, words } = states[action]
  const codes = loss === null ? [] : codesOf(loss)
  const allow = codes.map((code) => ` ${allowFlag(code, { store }, change)}`).join('')
  const meant = loss === null ? '' : `, if the loss is intentional (${codes.join(', ')})`
  const accepted = loss === null ? '' : `（前提是确认接受该损失：${codes.join('、')}）`
  const [plan, apply] = [`wwdb setup plan --only ${store}`, `wwdb setup apply --only ${store}${allow}`]
  return {
    code,
    severity: 'error',
    store,
    server,
    resource,
    what: `${capitalize(resource.kind)} \`${resource.name}\` ${words.en}.`,
    why: `To restore it: ${summary}.`,
    differences,
    next: `Look at \`${plan}\`, then run \`${apply}\`${meant}.`,
    zh: {
      what: `${nameInChinese(resource)} ${words.zh}。`,
      why: null,
      next: `请先查看 \`${plan}\`，再执行 \`${apply}\`${accepted}。`,
    },
  }
}

const differs = { code: 'STORE_DRIFT', words: { en: 'is not as declared', zh: '与声明不一致' } } as const

const states = {
  create: { code: 'STORE_MISSING', words: { en: 'is missing', zh: '不存在' } },
  update: differs,
  replace: differs,
  remove: {
    code: 'STORE_SURPLUS',
    words: { en: 'exists, but the declaration removes it', zh: '存在，而声明要求删除它' },
  },
} as const

/** Kinds of resources that have a Chinese name; the others keep their English name. */
const kinds: ReadonlyMap<string, string> = new Map([
  ['DBRP mapping', 'DBRP 映射'],
  ['alias', '别名'],
  ['check', '检查'],
  ['cluster', '集群'],
  ['cluster node', '集群节点'],
  ['collection', '集合'],
  ['component template', '组件模板'],
  ['data stream', '数据流'],
  ['cluster setting', '集群设置'],
  ['function library', '函数库'],
  ['index', '索引'],
  ['ingest pipeline', '摄取管道'],
  ['profiling', '剖析'],
  ['read and write concern', '读写关注'],
  ['index template', '索引模板'],
  ['label', '标签'],
  ['lifecycle policy', '生命周期策略'],
  ['mapping', '映射'],
  ['node', '节点'],
  ['notification endpoint', '通知端点'],
  ['notification rule', '通知规则'],
  ['oplog', 'oplog'],
  ['organization', '组织'],
  ['replica set', '副本集'],
  ['replica set member', '副本集成员'],
  ['role', '角色'],
  ['role mapping', '角色映射'],
  ['setting', '设置项'],
  ['snapshot policy', '快照策略'],
  ['snapshot repository', '快照仓库'],
  ['task', '任务'],
  ['token', '令牌'],
  ['user', '用户'],
  ['user list', '用户列表'],
  ['validator', '校验规则'],
  ['view', '视图'],
  ['write alias', '写入别名'],
  ['write index', '写入索引'],
])

function nameInChinese({ kind, name }: StoreResource): string {
  if (kind === 'catalog') return '集合、角色和用户'
  return `${kinds.get(kind) ?? kind} \`${name}\``
}

/** Where no plan could be made, that is the finding: nothing was compared. */
export function toErrorFindings({ store, server }: Place, { code, faults }: ToolError): readonly SaidFinding[] {
  return faults.map(({ what, where, why = null, next = '' }) => ({
    code,
    severity: 'error',
    store,
    server: where?.server ?? server,
    resource: { kind: 'store', name: store },
    what,
    why,
    differences: [],
    next,
    zh: {
      what: `未能比较 ${store}。`,
      why: ['原文：', what, ...(why === null ? [] : [' ', why])].join(''),
      next: next === '' ? '请排除原因后再次检查。' : `请排除原因后再次检查。原文：${next}`,
    },
  }))
}

/** Something that exists but is not declared in any file. It is left alone. */
export interface Undeclared {
  readonly resource: StoreResource
  /** What it is or may do, in a few words; null where its name is enough. */
  readonly detail: InBoth | null
  /** `error` for a user with all rights, which must never go unnoticed. */
  readonly severity: StoreFinding['severity']
  /** How it is declared or removed. */
  readonly next: InBoth
}

export function toUndeclaredFinding({ store, server }: Place, undeclared: Undeclared): SaidFinding {
  const { resource, detail, severity, next } = undeclared
  const what = `${capitalize(resource.kind)} \`${resource.name}\` exists, but is not declared in any file.`
  const why = detail === null ? null : `${capitalize(detail.en)}.`
  const zh = {
    what: `${nameInChinese(resource)} 存在，但没有文件声明它。`,
    why: detail === null ? null : `${detail.zh}。`,
    next: next.zh,
  }
  return {
    code: 'STORE_UNDECLARED',
    severity,
    store,
    server,
    resource,
    what,
    why,
    differences: [],
    next: next.en,
    zh,
  }
}

/** Something that is declared, and could not be compared. */
export function toNotComparedFinding(
  { store, server }: Place,
  resource: StoreResource,
  { why, next }: { readonly why: InBoth; readonly next: InBoth },
): SaidFinding {
  const what = `${capitalize(resource.kind)} \`${resource.name}\` was not compared.`
  return {
    code: 'STORE_NOT_COMPARED',
    severity: 'warning',
    store,
    server,
    resource,
    what,
    why: why.en,
    differences: [],
    next: next.en,
    zh: { what: `没有比较：${nameInChinese(resource)}。`, why: why.zh, next: next.zh },
  }
}

/** Something that differs, and that no apply can bring to its declaration. */
export function toFixedFinding(
  { store, server }: Place,
  resource: StoreResource,
  differences: readonly StoreDifference[],
  { why, next }: { readonly why: InBoth; readonly next: InBoth },
): SaidFinding {
  return {
    code: differs.code,
    severity: 'error',
    store,
    server,
    resource,
    what: `${capitalize(resource.kind)} \`${resource.name}\` ${differs.words.en}.`,
    why: why.en,
    differences,
    next: next.en,
    zh: { what: `${nameInChinese(resource)} ${differs.words.zh}。`, why: why.zh, next: next.zh },
  }
}

/** How many undeclared resources a plan names. */
const mostNamed = 5

/** The note of a plan about undeclared resources; empty where there are none. */
export function noteUndeclared(findings: readonly StoreFinding[]): readonly string[] {
  const names = findings
    .filter(({ code }) => code === 'STORE_UNDECLARED')
    .map(({ resource }) => `${resource.kind} ${resource.name}`)
  if (names.length === 0) return []
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : ''
  return [`Not changed, because no file declares it: ${names.slice(0, mostNamed).join(', ')}${more}.`]
}

function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

/** The common form of findings about the comparison of a store with its declaration. */
export interface StoreFinding {
  /**
   * - `STORE_MISSING` is declared, and does not exist
   * - `STORE_DRIFT` differs from its declaration
   * - `STORE_SURPLUS` exists, but the declaration removes it
   * - `STORE_UNDECLARED` exists, and no file declares it
   * - `STORE_NOT_COMPARED` is declared, and could not be compared
   *
   * Where nothing could be compared, it is the code of the error that is the reason.
   */
  readonly code: string
  /** - `warning` a person should know it; it does not fail the check. */
  readonly severity: 'error' | 'warning'
  readonly store: StoreKind
  /** `host:port`, several with commas. */
  readonly server: string
  readonly resource: StoreResource
  /** A sentence. */
  readonly what: string
  /** A sentence; null where the differences show it. */
  readonly why: string | null
  readonly differences: readonly StoreDifference[]
  /** What to do. */
  readonly next: string
}

/** A finding in English, and the same in Chinese beside it. */
export interface SaidFinding extends StoreFinding {
  readonly zh: Pick<StoreFinding, 'what' | 'why' | 'next'>
}

/** What is answered: a finding in English. */
export function inEnglish({ zh: _, ...finding }: SaidFinding): StoreFinding {
  return finding
}

/** Whether everything that is declared was compared, and nothing differs. Undeclared resources do not count. */
export function isAsDeclared(findings: readonly StoreFinding[]): boolean {
  return findings.every(({ code }) => code === 'STORE_UNDECLARED')
}
