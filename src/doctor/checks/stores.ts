import type { StoreKind } from '../../core/store.ts'
import { storeKinds } from '../../core/store.ts'
import { type Check, type Complaint, toComplaint } from '../check.ts'
import { endedOn } from '../end-of-life.ts'
import type { Facts, StoreFacts } from '../facts.ts'

const names: Readonly<Record<StoreKind, string>> = {
  elasticsearch: 'Elasticsearch',
  influxdb: 'InfluxDB',
  mongodb: 'MongoDB',
  redis: 'Redis',
}

/** What is judged of the store of one kind. */
function of(kind: StoreKind, judge: (store: StoreFacts, facts: Facts) => readonly Omit<Complaint, 'where'>[]) {
  return (facts: Facts): readonly Complaint[] =>
    facts.stores
      .filter(({ store }) => store === kind)
      .flatMap((store) => judge(store, facts).map((complaint) => ({ ...complaint, where: placeOf(store) })))
}

/** A store without a usable URL is nowhere. */
function placeOf({ server }: StoreFacts): Complaint['where'] {
  return server === null ? {} : { server }
}

/** The same six checks for every store. Its own proofs are the read-only ones of `wwdb setup verify`. */
function checksOf(kind: StoreKind): readonly Check[] {
  const name = names[kind]
  return [
    {
      code: `${kind}-unusable`,
      severity: 'error',
      asks: { en: `Is ${name} usable?`, zh: `${name} 能否使用？` },
      find: of(kind, ({ fault }) =>
        fault === null
          ? []
          : [
              toComplaint(fault, `无法使用 ${name}。`, {
                en: 'Check its URL and the server.',
                zh: '请检查其 URL 和服务器。',
              }),
            ],
      ),
    },
    {
      code: `${kind}-differs`,
      severity: 'error',
      asks: { en: `Is ${name} as it is declared?`, zh: `${name} 是否与声明一致？` },
      find: of(kind, ({ drift }) => drift.filter(({ severity }) => severity === 'error').map(asComplaint)),
    },
    {
      code: `${kind}-undeclared`,
      severity: 'warning',
      asks: {
        en: `Was everything that is declared for ${name} compared, and is there nothing undeclared?`,
        zh: `为 ${name} 声明的内容是否都比较过，且没有多余的内容？`,
      },
      find: of(kind, ({ drift }) => drift.filter(({ severity }) => severity === 'warning').map(asComplaint)),
    },
    {
      code: `${kind}-unsound`,
      severity: 'error',
      asks: { en: `Is ${name} healthy?`, zh: `${name} 是否健康？` },
      find: of(kind, ({ checks }) => judgeChecks(checks, 'bad', kind)),
    },
    {
      code: `${kind}-weak`,
      severity: 'warning',
      asks: { en: `Is ${name} free of warnings?`, zh: `${name} 是否没有警告？` },
      find: of(kind, ({ checks }) => judgeChecks(checks, 'warning', kind)),
    },
    {
      code: `${kind}-plain`,
      severity: 'warning',
      asks: { en: `Is the connection to ${name} over a network encrypted?`, zh: `经网络到 ${name} 的连接是否已加密？` },
      find: of(kind, ({ remote, secure }) =>
        !remote || secure
          ? []
          : [
              {
                what: `The connection to ${name} does not use TLS.`,
                why: 'Passwords and data can be read and changed in transit.',
                fix: `Set \`stores.${kind}.tls\`, or use a URL with a scheme for TLS.`,
                zh: {
                  what: `与 ${name} 的连接没有使用 TLS。`,
                  why: '密码和数据可能在途中被读取和篡改。',
                  fix: `请设置 \`stores.${kind}.tls\`，或使用协议名表明加密的 URL。`,
                },
              },
            ],
      ),
    },
    {
      code: `${kind}-end-of-life`,
      severity: 'warning',
      asks: { en: `Is the version of ${name} still maintained?`, zh: `${name} 的版本是否仍在维护？` },
      find: of(kind, ({ version }, { now }) => {
        const end = version === null ? null : endedOn(kind, version, now)
        return end === null
          ? []
          : [
              {
                what: `${name} ${version} has not been maintained since ${end}.`,
                why: 'Its security vulnerabilities are no longer fixed.',
                fix: 'Upgrade it.',
                zh: { what: `${name} ${version} 自 ${end} 起不再维护。`, why: '其安全漏洞不再修复。', fix: '请升级。' },
              },
            ]
      }),
    },
  ]
}

/** A difference in the sentences of `wwdb setup plan`, with the values: `retention`: 1 day -> 30 days. */
function asComplaint(finding: StoreFacts['drift'][number]): Omit<Complaint, 'where'> {
  const { what, why, differences, next, zh } = finding
  const values = differences.map(({ path, actual, declared }) => {
    const change = `${actual ?? '(none)'} -> ${declared ?? '(none)'}`
    return path === '' ? change : `\`${path}\`: ${change}`
  })
  const parts = [...(values.length === 0 ? [] : [`${values.join('; ')}.`]), ...(why === null ? [] : [why])]
  const reason = parts.length === 0 ? null : parts.join(' ')
  const compared = differences.length === 0 ? zh.why : `现有值 -> 声明值：${values.join('；')}。`
  return { what, why: reason, fix: next, zh: { what: zh.what, why: compared, fix: zh.next } }
}

function judgeChecks(
  checks: StoreFacts['checks'],
  state: 'bad' | 'warning',
  kind: StoreKind,
): readonly Omit<Complaint, 'where'>[] {
  return checks
    .filter((check) => check.state === state)
    .map(({ name, seen, next, zh }) => {
      // It may begin with a name, so the case of its first letter stays.
      const why = `Result: ${seen.replace(/\.$/, '')}.`
      const failed = zh.name
      const proof = `\`wwdb setup verify --only ${kind}\``
      return {
        what: `Check failed: ${name}.`,
        why,
        fix: next ?? `Run ${proof}.`,
        zh: {
          what: `检查未通过：${failed}。`,
          why: `检查结果：${zh.seen.replace(/[.。]$/, '')}。`,
          fix: zh.next ?? `请执行 ${proof}。`,
        },
      }
    })
}

/** The stores other than MySQL. */
export const storeChecks: readonly Check[] = storeKinds.flatMap(checksOf)
