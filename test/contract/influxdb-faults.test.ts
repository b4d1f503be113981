import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TlsConfig } from '../../src/config/config.ts'
import { ToolError } from '../../src/core/tool-error.ts'
import { createInfluxFixture, type InfluxFixture } from '../helpers/influxdb/influxdb-fixture.ts'
import { describeInfluxdb, withInfluxdb } from '../helpers/influxdb/influxdb-server.ts'
import {
  applyAll,
  type InfluxSessionParts,
  influxAdmin,
  metricsDeclaration,
  openInfluxSession,
} from '../helpers/influxdb/influxdb-session.ts'
import { freePort } from '../helpers/servers/ports.ts'
import { isAvailable } from '../helpers/servers/servers.ts'
import { verifySession } from '../helpers/stores/store-verification.ts'

const tls = resolve(import.meta.dirname, '../fixtures/tls')
const server = withInfluxdb()
const encrypted = withInfluxdb([`--tls-cert=${join(tls, 'here.pem')}`, `--tls-key=${join(tls, 'here.key')}`])
let fixture: InfluxFixture
let folder: string
const stubs: Server[] = []
const kinds = ['orgs', 'buckets', 'tasks', 'authorizations', 'dbrp', 'users']

const open = (parts: Partial<InfluxSessionParts> = {}, place: { url: string; label: string } = server()) =>
  openInfluxSession(place, { declaration: metricsDeclaration(folder), ...parts })

beforeAll(async () => {
  if (!isAvailable('influxdb')) return
  folder = await mkdtemp(join(tmpdir(), 'wwdb-influxdb-'))
  fixture = createInfluxFixture(server())
})

afterAll(async () => {
  for (const stub of stubs) stub.close()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

/** The one error that something ends with, as a person reads it. */
async function faultOf(
  action: Promise<unknown>,
): Promise<{ readonly code: string; readonly exit: number; readonly text: string }> {
  const error = await action.then(
    () => new Error('it did not fail'),
    (caught: unknown) => caught,
  )
  if (!(error instanceof ToolError)) throw error
  const [fault] = error.faults
  const text = [fault?.what, fault?.why, fault?.next].join(' ')
  for (const secret of [influxAdmin.token, influxAdmin.password]) expect(text).not.toContain(secret)
  expect(fault?.where?.server ?? fault?.where?.file).toBeDefined()
  return { code: error.code, exit: error.exitCode, text }
}

/** Answers /health as another server would. */
async function startStub(health: unknown, status = 200): Promise<{ readonly url: string; readonly label: string }> {
  const port = await freePort()
  const stub = createServer((_, response) => {
    response.statusCode = status
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify(health))
  })
  stubs.push(stub)
  await new Promise<void>((done) => stub.listen(port, '127.0.0.1', done))
  return { url: `http://127.0.0.1:${port}`, label: `127.0.0.1:${port}` }
}

describeInfluxdb('a failure of InfluxDB is explained in a sentence:', () => {
  it('a server that is not set up, without the settings of a first start', async () => {
    const { code, exit, text } = await faultOf(open({ token: null, password: null }).plan())
    expect([code, exit]).toEqual(['STORE_NOT_SET_UP', 78])
    expect(text).toContain('the configuration has no password, no token.')
  })

  it('a first password that the server refuses', async () => {
    const { code, exit, text } = await faultOf(applyAll(open({ password: 'short' })))
    expect([code, exit]).toEqual(['STORE_REFUSED', 2])
    expect(text).toContain('passwords must be between 8 and 72 characters long')
    await applyAll(open())
  })

  it('a wrong token', async () => {
    const { code, exit, text } = await faultOf(open({ token: 'wrong' }).plan())
    expect([code, exit]).toEqual(['STORE_ACCESS_DENIED', 69])
    expect(text).toMatch(/^InfluxDB at \S+ rejected these credentials\. .*: unauthorized access\./)
  })

  it('a wrong password, where user and password are what is configured', async () => {
    const { code, exit, text } = await faultOf(open({ token: null, password: 'wrong-password' }).plan())
    expect([code, exit]).toEqual(['STORE_ACCESS_DENIED', 69])
    expect(text).toMatch(/^InfluxDB at \S+ rejected these credentials\. Signing in as admin: /)
    expect((await open({ token: null }).plan()).changes).toEqual([])
  })

  it('a token that may only write points: everything would seem to be missing', async () => {
    const token = await fixture.makeToken([{ action: 'write', type: 'buckets' }])
    const { code, exit, text } = await faultOf(open({ token }).plan())
    expect([code, exit]).toEqual(['STORE_ACCESS_DENIED', 69])
    expect(text).toContain('read:authorizations')
  })

  it('a token that may read everything: it can plan, and its first write is refused', async () => {
    const token = await fixture.makeToken(kinds.map((type) => ({ action: 'read', type })))
    await fixture.describeBucket('metrics_hot', 'mine')
    const { code, exit, text } = await faultOf(applyAll(open({ token })))
    expect([code, exit]).toEqual(['STORE_REFUSED', 2])
    expect(text).toMatch(
      /^InfluxDB at \S+ refused a request\. Updating bucket metrics_hot \(40[13]\): write:orgs.*is unauthorized/,
    )
    const checks = await open({ token }).verify()
    expect(checks.find(({ name }) => name === 'points arrive in metrics_cold')?.state).toBe('bad')
    await applyAll(open())
  })

  it('a token with all access to the organization is enough once there is one', async () => {
    const token = await fixture.makeToken(
      kinds.flatMap((type) => ['read', 'write'].map((action) => ({ action, type }))),
    )
    await fixture.describeBucket('metrics_hot', 'mine')
    await fixture.revokeToken('metrics_reader')
    expect((await applyAll(open({ token }))).changes).toHaveLength(2)
    expect((await open({ token }).verify()).filter(({ state }) => state !== 'good' && state !== 'not-judged')).toEqual(
      [],
    )
    // What it does not see may be there: a plan that makes all of it would be a guess.
    const { code, exit, text } = await faultOf(open({ token, prefix: 'pr_9_' }).plan())
    expect([code, exit]).toEqual(['STORE_ACCESS_DENIED', 69])
    expect(text).toMatch(/^The token cannot see whether organization pr_9_wework exists\. .*operator token/)
    expect((await open({ prefix: 'pr_9_' }).plan()).changes[0]?.summary).toBe('create organization pr_9_wework')
  })

  it('another authority than the one that signed the certificate; the right one is taken', async () => {
    const place = { url: encrypted().url.replace('http:', 'https:'), label: encrypted().label }
    const trust = (ca: string | null): TlsConfig => ({ ca, cert: null, key: null, verify: true })
    for (const ca of [null, readFileSync(join(tls, 'elsewhere.pem'), 'utf8')]) {
      const { code, exit, text } = await faultOf(open({ tls: trust(ca) }, place).plan())
      expect([code, exit]).toEqual(['STORE_UNREACHABLE', 69])
      expect(text).toMatch(/^InfluxDB at \S+ cannot be reached\. TLS failed: /)
    }
    const right = open({ tls: trust(readFileSync(join(tls, 'ca.pem'), 'utf8')) }, place)
    expect((await right.plan()).notes).toHaveLength(1)
  })

  it.each([
    ['1.8.10', 'STORE_TOO_OLD', 'InfluxDB 1.8.10 is too old.'],
    ['v2.0.9', 'STORE_TOO_OLD', 'InfluxDB 2.0.9 is too old.'],
    ['3.1.0', 'STORE_UNSUPPORTED', 'It reports version 3.1.0.'],
  ])('version %s', async (version, expected, words) => {
    const place = await startStub({ name: 'influxdb', status: 'pass', version })
    const { code, exit, text } = await faultOf(open({}, place).plan())
    expect([code, exit]).toEqual([expected, 2])
    expect(text).toContain(words)
  })

  it('a server that is not InfluxDB', async () => {
    const { code, text } = await faultOf(open({}, await startStub('OK')).plan())
    expect(code).toBe('STORE_UNSUPPORTED')
    expect(text).toContain('It does not report a version')
  })

  it('a page of another server, and a server that is not healthy', async () => {
    const page = await faultOf(open({}, await startStub('<html>no such page</html>', 404)).plan())
    expect(page.code).toBe('STORE_UNSUPPORTED')
    const ill = { name: 'influxdb', status: 'fail', version: 'v2.8.0', message: 'the disk is full' }
    const { code, exit, text } = await faultOf(open({}, await startStub(ill, 503)).plan())
    expect([code, exit]).toEqual(['STORE_REFUSED', 2])
    expect(text).toMatch(/^InfluxDB reports that it is not healthy\. the disk is full\./)
  })

  it('an organization that is missing is a finding of verify', async () => {
    const { checks, findings, asDeclared } = await verifySession(open({ prefix: 'pr_8_' }))
    expect(checks).toMatchObject([{ state: 'good' }])
    expect(asDeclared).toBe(false)
    expect(findings).toHaveLength(7)
    expect(findings[0]).toMatchObject({ code: 'STORE_MISSING', what: 'Organization `pr_8_wework` is missing.' })
  })

  it('a port where no server listens', async () => {
    const label = `127.0.0.1:${await freePort()}`
    const { code, exit, text } = await faultOf(open({}, { url: `http://${label}`, label }).plan())
    expect([code, exit]).toEqual(['STORE_UNREACHABLE', 69])
    expect(text).toMatch(/^InfluxDB at \S+ cannot be reached\. Nothing is listening there\./)
  })

  it('a server that was stopped between plan and apply; it continues when the server is back', async () => {
    await fixture.describeBucket('metrics_hot', 'mine')
    const session = open()
    const [change] = (await session.plan()).changes
    if (change === undefined) throw new Error('the plan is empty')
    await server().kill()
    expect((await faultOf(session.apply(change))).code).toBe('STORE_UNREACHABLE')
    await server().restart()
    await session.apply(change)
    expect((await session.plan()).changes).toEqual([])
  })
})
