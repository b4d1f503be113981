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

/** The same six for every store: its own proofs are those of `wwdb setup verify` that only read. */
function checksOf(kind: StoreKind): readonly Check[] {
  const name = names[kind]
  return [
    {
      code: `${kind}-unusable`,
      severity: 'error',
      asks: `Can ${name} be used?`,
      find: of(kind, ({ fault }) => (fault === null ? [] : [toComplaint(fault, 'Check its URL and the server.')])),
    },
    {
      code: `${kind}-differs`,
      severity: 'error',
      asks: `Is ${name} as it is declared?`,
      find: of(kind, ({ drift }) =>
        drift.filter(({ severity }) => severity === 'error').map(({ what, why, next }) => ({ what, why, fix: next })),
      ),
    },
    {
      code: `${kind}-undeclared`,
      severity: 'warning',
      asks: `Was everything that is declared for ${name} compared, and is nothing else there?`,
      find: of(kind, ({ drift }) =>
        drift.filter(({ severity }) => severity === 'warning').map(({ what, why, next }) => ({ what, why, fix: next })),
      ),
    },
    {
      code: `${kind}-unsound`,
      severity: 'error',
      asks: `Is ${name} sound?`,
      find: of(kind, ({ checks }) => judgeChecks(checks, 'bad', kind)),
    },
    {
      code: `${kind}-weak`,
      severity: 'warning',
      asks: `Is nothing about ${name} that a person should know?`,
      find: of(kind, ({ checks }) => judgeChecks(checks, 'warning', kind)),
    },
    {
      code: `${kind}-plain`,
      severity: 'warning',
      asks: `Is the connection to ${name} over a network encrypted?`,
      find: of(kind, ({ remote, secure }) =>
        !remote || secure
          ? []
          : [
              {
                what: `The connection to ${name} has no TLS.`,
                why: 'Passwords and data can be read and changed on the way.',
                fix: `Set \`stores.${kind}.tls\`, or a URL whose scheme says it.`,
              },
            ],
      ),
    },
    {
      code: `${kind}-end-of-life`,
      severity: 'warning',
      asks: `Is the version of ${name} still maintained?`,
      find: of(kind, ({ version }, { now }) => {
        const end = version === null ? null : endedOn(kind, version, now)
        return end === null
          ? []
          : [
              {
                what: `${name} ${version} has not been maintained since ${end}.`,
                why: 'Faults of security in it are not fixed any more.',
                fix: 'Upgrade it.',
              },
            ]
      }),
    },
  ]
}

function judgeChecks(
  checks: StoreFacts['checks'],
  state: 'bad' | 'warning',
  kind: StoreKind,
): readonly Omit<Complaint, 'where'>[] {
  return checks
    .filter((check) => check.state === state)
    .map(({ name, seen, next }) => ({
      what: `Not so: ${name}.`,
      why: `${seen.slice(0, 1).toUpperCase()}${seen.slice(1).replace(/\.$/, '')}.`,
      fix: next ?? `Look at \`wwdb setup verify --only ${kind}\`.`,
    }))
}

/** The stores beside MySQL. */
export const storeChecks: readonly Check[] = storeKinds.flatMap(checksOf)
