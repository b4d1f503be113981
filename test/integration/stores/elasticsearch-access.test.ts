import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { Secret } from '../../../src/config/secret.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import type { ElasticsearchConnection } from '../../../src/stores/elasticsearch/driver.ts'
import { sampleDeclaration } from '../../helpers/elasticsearch/elasticsearch-declaration.ts'
import { type Guard, type GuardOptions, startGuard } from '../../helpers/elasticsearch/elasticsearch-guard.ts'
import { withElasticsearch } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'

const password = 'hunter2-of-the-guard'
const certificate = (name: string) => readFileSync(join(import.meta.dirname, `../../fixtures/tls/${name}.pem`), 'utf8')

describe.runIf(isAvailable('elasticsearch'))('an Elasticsearch with security before it', () => {
  const stage = withElasticsearch()
  let guard: Guard | null = null
  afterEach(async () => {
    await guard?.close()
    guard = null
  })

  /** A session through a guard, as this user. */
  const open = async (options: Omit<GuardOptions, 'url'>, as: Partial<ElasticsearchConnection> = {}) => {
    guard = await startGuard({ url: stage().url, ...options })
    return stage().session(sampleDeclaration, { connection: { ...connectionTo(guard), ...as } })
  }

  const connectionTo = ({ port, url }: Guard): Partial<ElasticsearchConnection> => ({
    endpoints: [{ host: '127.0.0.1', port }],
    secure: url.startsWith('https'),
    label: `127.0.0.1:${port}`,
  })

  const user = (name: string, word = password) => ({ user: name, password: new Secret(word) })
  const trust = (ca: string) => ({ tls: { ca, cert: null, key: null, verify: true } })

  /** The error that work ends with; it must not tell a secret anywhere, the cause of the cause included. */
  const failureOf = async (work: Promise<unknown>): Promise<ToolError> => {
    const error = await work.then(
      () => new Error('nothing failed'),
      (thrown: unknown) => thrown,
    )
    if (!(error instanceof ToolError)) throw error
    const all = `${JSON.stringify(error.faults)} ${inspectDeeply(error)}`
    for (const secret of [password, Buffer.from(`wwdb:${password}`).toString('base64'), 'key-of-the-guard']) {
      expect(all).not.toContain(secret)
    }
    return error
  }

  it('lets user and password in, and an API key', async () => {
    const byUser = await open({ users: { wwdb: password } }, user('wwdb'))
    expect((await byUser.plan()).version).toMatch(/^8\./)
    await byUser.close()
    await guard?.close()
    const byKey = await open({ users: {}, keys: ['key-of-the-guard'] }, { token: new Secret('key-of-the-guard') })
    expect((await byKey.plan()).version).toMatch(/^8\./)
    await byKey.close()
  })

  it.each([
    ['a wrong password', user('wwdb', `${password}-wrong`), /unable to authenticate user \[wwdb\]/],
    ['no password', {}, /unable to authenticate user \[\]/],
    ['a wrong API key', { token: new Secret('key-of-the-guard') }, /unable to authenticate with provided credentials/],
  ])('refuses %s in one sentence', async (_, as, why) => {
    const session = await open({ users: { wwdb: password } }, as)
    const error = await failureOf(session.plan())
    await session.close()
    expect(error).toMatchObject({ code: 'STORE_ACCESS_DENIED', exitCode: 69 })
    expect(error.faults).toHaveLength(1)
    expect(error.faults[0]?.what).toMatch(/^Elasticsearch at 127\.0\.0\.1:\d+ rejected these credentials\.$/)
    expect(error.faults[0]?.why).toMatch(why)
  })

  it('lets a reader plan, and explains why it cannot apply', async () => {
    const session = await open({ users: { wwdb: password }, readers: ['wwdb'] }, user('wwdb'))
    const [first] = (await session.plan()).changes
    if (first === undefined) throw new Error('the plan is empty')
    const error = await failureOf(session.apply(first))
    await session.close()
    expect(error).toMatchObject({ code: 'STORE_REFUSED', exitCode: 2 })
    expect(error.faults[0]).toMatchObject({
      what: expect.stringMatching(/^Elasticsearch at \S+ refused a request\.$/),
      why: expect.stringMatching(
        new RegExp(`^Put lifecycle policy ${stage().prefix}logs: .*is unauthorized for user \\[wwdb\\]`),
      ),
      next: expect.stringContaining('manage_ilm'),
    })
  })

  it('is reached by TLS with the right authority', async () => {
    const session = await open({ certificate: 'here' }, trust(certificate('ca')))
    expect((await session.plan()).changes).not.toEqual([])
    await session.close()
  })

  it.each([
    ['an authority that did not sign it', 'here', { ...trust(certificate('elsewhere')) }, /^TLS failed: /],
    ['no authority', 'here', {}, /^TLS failed: /],
    ['a certificate of another host', 'elsewhere', { ...trust(certificate('ca')) }, /^TLS failed: /],
    ['plain HTTP where TLS is spoken', 'here', { secure: false }, /^It closed the connection\.$/],
  ] as const)('refuses %s', async (_, name, as, why) => {
    const session = await open({ certificate: name }, as)
    const error = await failureOf(session.plan())
    await session.close()
    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', exitCode: 69 })
    expect(error.faults[0]?.why).toMatch(why)
  })

  it('explains in one sentence that a server does not use TLS', async () => {
    const session = await open({}, { secure: true })
    const error = await failureOf(session.plan())
    await session.close()
    expect(error).toMatchObject({
      code: 'STORE_UNREACHABLE',
      faults: [{ why: expect.stringContaining('TLS failed') }],
    })
  })

  it.each([
    ['an older server', { version: '7.17.29' }, /^Elasticsearch 7\.17\.29 at .* is too old\.$/],
    [
      'an older one yet',
      { version: '7.10.2', signed: false },
      /^The server at .* is not Elasticsearch 8\.0 or later\.$/,
    ],
  ] as const)('refuses %s', async (_, options, what) => {
    const session = await open(options)
    const error = await failureOf(session.plan())
    await session.close()
    expect(error).toMatchObject({ code: 'STORE_TOO_OLD', exitCode: 2 })
    expect(error.faults[0]?.what).toMatch(what)
  })
})

/** Everything that can be printed of an error. */
function inspectDeeply(error: unknown): string {
  return inspect(error, { depth: 20, showHidden: true })
}
