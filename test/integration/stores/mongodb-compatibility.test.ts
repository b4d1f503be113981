import type { Db } from 'mongodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readDeclarationDocument } from '../../../src/stores/declare/read-declarations.ts'
import { findDrift } from '../../../src/stores/find-drift.ts'
import { compatibilityCommand } from '../../../src/stores/mongodb/driver-compatibility.ts'
import { readDeclaration } from '../../../src/stores/mongodb/schema.ts'
import { describeMongodb, startMongodb, type TestMongodb } from '../../helpers/mongodb/mongodb.ts'
import { applyAll, openTestSession } from '../../helpers/mongodb/mongodb-session.ts'
import { type ImportProject, openImportProject } from '../../helpers/stores/import-project.ts'
import { startTool } from '../../helpers/tool/tool.ts'

describeMongodb('the feature compatibility version of a set', () => {
  let servers: readonly TestMongodb[]
  let project: ImportProject
  const declare = (version: string): void =>
    project.write('migrations/mongodb/all.yaml', `featureCompatibilityVersion: "${version}"\n`)
  const open = (text: string) => {
    const document = readDeclarationDocument(text, 'all.yaml')
    if (!('value' in document)) throw new Error(JSON.stringify(document))
    const reading = readDeclaration([document])
    if (reading.type === 'faults') throw new Error(JSON.stringify(reading.faults))
    return openTestSession({ addresses: servers.map(({ address }) => address), declaration: reading.declaration })
  }
  const versions = (): Promise<readonly unknown[]> =>
    Promise.all(
      servers.map(async ({ client }) => {
        const answer = await client.db('admin').command({ getParameter: 1, featureCompatibilityVersion: 1 })
        return answer['featureCompatibilityVersion']
      }),
    )
  const everywhere = (version: string) => servers.map(() => ({ version }))
  const apply = (...words: readonly string[]) => project.setup('apply', '--yes', ...words)
  const onPrimary = async (command: Record<string, unknown>) => {
    for (const { client } of servers) {
      const admin = client.db('admin')
      if ((await admin.command({ hello: 1 }))['isWritablePrimary'] === true) return admin.command(command)
    }
    throw new Error('there is no primary')
  }

  beforeAll(async () => {
    const flags = ['--setParameter', 'enableTestCommands=1']
    servers = await Promise.all([startMongodb({ flags }), startMongodb({ flags })])
    project = openImportProject('mongodb', { url: `mongodb://${servers.map(({ address }) => address).join(',')}` })
  })
  afterAll(async () => {
    project?.close()
    await Promise.all((servers ?? []).map((server) => server.stop()))
  })

  it('needs no change in the run that makes the set, where it is that of the servers', async () => {
    const session = open('replicaSet: { name: rs0 }\nfeatureCompatibilityVersion: "6.0"')
    const changes = await applyAll(session)
    expect(changes.map(({ resource }) => resource.kind)).not.toContain('feature compatibility version')
    const { unchanged, changes: after } = await session.plan()
    expect(after).toEqual([])
    expect(unchanged).toContainEqual({ kind: 'feature compatibility version', name: 'of the set' })
    await session.close()
    await expect.poll(versions).toEqual(everywhere('6.0'))
  })

  it('is lowered and raised by a code alone, on every member, and read back', async () => {
    for (const [version, says] of [
      ['5.0', 'Features of MongoDB 6.0 are off from then on'],
      ['6.0', 'From then on no member starts with MongoDB 5.0 any more'],
    ] as const) {
      declare(version)
      expect(await project.changes()).toEqual([`set the feature compatibility version to ${version}`])
      const refused = await apply()
      expect(refused).toMatchObject({ exitCode: 2 })
      expect(refused.stderr + refused.stdout).toMatch(/--allow '?changed-compatibility:/)
      expect(refused.stderr + refused.stdout).toContain(says)
      expect(await versions()).toEqual(everywhere(version === '5.0' ? '6.0' : '5.0'))
      const applied = await apply('--allow', 'changed-compatibility')
      expect(`${applied.exitCode} ${applied.stderr}${applied.stdout}`).toMatch(/^0 /)
      expect(await versions()).toEqual(everywhere(version))
      expect(await project.changes()).toEqual([])
    }
  })

  it('is raised before what needs it, and lowered after all else', async () => {
    const kinds = async (version: string) => {
      const session = open(`featureCompatibilityVersion: "${version}"\ndatabases: { app: { collections: { a: {} } } }`)
      const { changes } = await session.plan()
      await session.close()
      return changes.map(({ resource }) => resource.kind)
    }
    expect(await kinds('5.0')).toEqual(['collection', 'feature compatibility version'])
    await onPrimary({ setFeatureCompatibilityVersion: '5.0', writeConcern: { w: 2 } })
    expect(await kinds('6.0')).toEqual(['feature compatibility version', 'collection'])
  })

  it('is named where somebody has changed it, and imported where it is not that of the servers', async () => {
    const session = open('featureCompatibilityVersion: "6.0"')
    expect(findDrift(await session.compare())).toMatchObject([
      {
        code: 'STORE_DRIFT',
        resource: { kind: 'feature compatibility version' },
        differences: [{ path: 'featureCompatibilityVersion', actual: '5.0', declared: '6.0' }],
      },
    ])
    await session.close()
    project.write('migrations/mongodb/all.yaml', 'databases: { app: {} }\n')
    await project.importAll()
    expect(project.read('migrations/mongodb/defaults.yaml')).toContain('featureCompatibilityVersion: "5.0"')
    expect(await project.changes()).toEqual([])
    await onPrimary({ setFeatureCompatibilityVersion: '6.0', writeConcern: { w: 2 } })
    project.write('migrations/mongodb/defaults.yaml', '{}\n')
    const { answer } = await project.importAll('--out', 'imported', '--dry-run')
    expect(answer.files.map(({ text }) => text).join('')).not.toContain('featureCompatibilityVersion')
    await onPrimary({ setFeatureCompatibilityVersion: '5.0', writeConcern: { w: 2 } })
  })

  it('is finished by the next run where the server was stopped in the middle', async () => {
    project.write('migrations/mongodb/defaults.yaml', '{}\n')
    declare('6.0')
    await onPrimary({ configureFailPoint: 'failUpgrading', mode: 'alwaysOn' })
    const failed = await apply('--allow', 'changed-compatibility')
    expect(failed).toMatchObject({ exitCode: 2 })
    await onPrimary({ configureFailPoint: 'failUpgrading', mode: 'off' })
    const { stdout } = await project.setup('plan')
    expect(stdout).toContain('5.0 (on its way to 6.0)')
    expect(await apply('--allow', 'changed-compatibility')).toMatchObject({ exitCode: 0 })
    expect(await versions()).toEqual(everywhere('6.0'))
  })

  it('converges when the run is killed in the middle, up and down', async () => {
    let killed = 0
    for (const version of ['5.0', '6.0']) {
      declare(version)
      const words = ['setup', 'apply', '--yes', '--json', '--allow', 'changed-compatibility']
      const tool = startTool(words, { cwd: project.folder })
      await tool.says('stdout', 'store-change-started')
      tool.child.kill('SIGKILL')
      if ((await tool.ended).signal !== null) killed += 1
      expect(await apply('--allow', 'changed-compatibility')).toMatchObject({ exitCode: 0 })
      expect(await versions()).toEqual(everywhere(version))
    }
    expect(killed).toBeGreaterThan(0)
  }, 120_000)

  it('is not lowered while pre-images are kept, which MongoDB finds too late: neither they nor the version would go back', async () => {
    const declareBoth = (version: string, preImages: boolean): void =>
      project.write(
        'migrations/mongodb/all.yaml',
        `featureCompatibilityVersion: "${version}"\ndatabases: { app: { collections: { watched: { preImages: ${preImages} } } } }\n`,
      )
    declareBoth('6.0', true)
    expect(await apply('--allow', 'changed-compatibility')).toMatchObject({ exitCode: 0 })
    declareBoth('5.0', true)
    const refused = await apply('--allow', 'changed-compatibility')
    expect(refused).toMatchObject({ exitCode: 2 })
    expect(refused.stdout).toContain('app.watched keeps pre-images')
    expect(await versions()).toEqual(everywhere('6.0'))
    declareBoth('5.0', false)
    expect(await project.changes()).toHaveLength(2)
    const corrected = await apply('--allow', 'changed-compatibility', '--allow', 'removed-pre-images')
    expect(`${corrected.exitCode} ${corrected.stderr}${corrected.stdout}`).toMatch(/^0 /)
    expect(await versions()).toEqual(everywhere('5.0'))
  })

  it('says what is left to do where somebody has half lowered it with pre-images in the way', async () => {
    const both = (preImages: boolean): void =>
      project.write(
        'migrations/mongodb/all.yaml',
        `featureCompatibilityVersion: "5.0"\ndatabases: { app: { collections: { held: { preImages: ${preImages} } } } }\n`,
      )
    declare('6.0')
    expect(await apply('--allow', 'changed-compatibility')).toMatchObject({ exitCode: 0 })
    const collections = async (work: (app: Db) => Promise<unknown>) => {
      for (const { client } of servers)
        if ((await client.db('admin').command({ hello: 1 }))['isWritablePrimary'] === true) await work(client.db('app'))
    }
    await collections((app) => app.createCollection('held', { changeStreamPreAndPostImages: { enabled: true } }))
    await expect(onPrimary({ setFeatureCompatibilityVersion: '5.0' })).rejects.toThrow(/held/)
    for (const preImages of [true, false]) {
      both(preImages)
      const refused = await apply('--allow', 'changed-compatibility', '--allow', 'removed-pre-images')
      expect(refused).toMatchObject({ exitCode: 2 })
      expect(refused.stdout + refused.stderr).toContain('only half lowered to 5.0: app.held keeps pre-images')
      expect(refused.stdout + refused.stderr).toContain('drop it, and give its name to the copy')
    }
    // As advised.
    await collections(async (app) => {
      await app
        .collection('held')
        .aggregate([{ $out: 'copy' }])
        .toArray()
      await app.dropCollection('held')
      await app.renameCollection('copy', 'held')
    })
    declare('5.0')
    expect(await apply('--allow', 'changed-compatibility')).toMatchObject({ exitCode: 0 })
    expect(await versions()).toEqual(everywhere('5.0'))
  })

  it('is not turned back where lowering it was interrupted, and finished by the same declaration', async () => {
    declare('6.0')
    expect(await apply('--allow', 'changed-compatibility')).toMatchObject({ exitCode: 0 })
    declare('5.0')
    await onPrimary({ configureFailPoint: 'failDowngrading', mode: 'alwaysOn' })
    expect(await apply('--allow', 'changed-compatibility')).toMatchObject({ exitCode: 2 })
    await onPrimary({ configureFailPoint: 'failDowngrading', mode: 'off' })
    await expect(onPrimary({ setFeatureCompatibilityVersion: '6.0' })).rejects.toThrow(/downgrad/i)
    const { answer } = await project.importAll('--out', 'imported', '--dry-run')
    expect(JSON.stringify(answer)).toContain('A change of it from 5.0 was interrupted.')
    declare('6.0')
    const turned = await apply('--allow', 'changed-compatibility')
    expect(turned.stdout).toContain('was being lowered to 5.0 when that was interrupted')
    declare('5.0')
    expect(await apply('--allow', 'changed-compatibility')).toMatchObject({ exitCode: 0 })
    expect(await versions()).toEqual(everywhere('5.0'))
    declare('6.0')
    expect(await apply('--allow', 'changed-compatibility')).toMatchObject({ exitCode: 0 })
    expect(await versions()).toEqual(everywhere('6.0'))
  })

  it('is refused in a version that the servers do not have', async () => {
    for (const [version, says] of [
      ['7.0', 'Update every member to MongoDB 7.0 first, or declare "6.0" or "5.0".'],
      ['4.4', 'Declare "6.0" or "5.0", or leave `featureCompatibilityVersion` out.'],
    ] as const) {
      await expect(open(`featureCompatibilityVersion: "${version}"`).plan()).rejects.toMatchObject({
        code: 'STORE_UNSUPPORTED',
        faults: [{ next: says }],
      })
    }
    expect(() => open('featureCompatibilityVersion: 6.0')).toThrow(/must be a (text|string)|in quotes/)
  })

  it('is confirmed to the servers that ask for it', () => {
    expect(compatibilityCommand('6.0', '6.0.5')).toEqual({ setFeatureCompatibilityVersion: '6.0' })
    expect(compatibilityCommand('7.0', '7.0.0')).toEqual({ setFeatureCompatibilityVersion: '7.0', confirm: true })
    expect(compatibilityCommand('7.0', '8.0.4')).toEqual({ setFeatureCompatibilityVersion: '7.0', confirm: true })
  })
})
