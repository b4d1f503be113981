import { existsSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect } from 'vitest'
import type { StoreKind } from '../../../src/core/store.ts'
import { type ImportProject, openImportProject } from '../../helpers/stores/import-project.ts'
import { type DiskPoint, listDiskPoints, runOnDisk } from './dying-disk.ts'

/** Where a run is killed: at a write to the server, counted from 1, which arrives there or not; or at a write to the project's folder. */
export type KillPoint =
  | { readonly at: 'server'; readonly write: number; readonly arrives: boolean }
  | { readonly at: 'disk'; readonly point: DiskPoint }

/** A way to the server that ends whoever sends the chosen write. */
interface KillingWay {
  readonly environment: Readonly<Record<string, string>>
  readonly close: () => Promise<void>
}

export interface PruneStory {
  readonly store: StoreKind
  /** Of the store in the configuration. */
  readonly settings: object
  readonly prefix: string
  /** All that is declared, and what is left of it. */
  readonly before: string
  readonly after: string
  /** How many times a prune removes something: a library goes from each primary on its own. */
  readonly removals: number
  /** By its name, whatever of the removed resources the server has. */
  readonly observe: () => Promise<ReadonlyMap<string, unknown>>
  readonly openWay: (of: 'prune' | 'restore', write: number, arrives: boolean, kill: () => void) => Promise<KillingWay>
}

const prune = ['setup', 'apply', '--prune', '--yes', '--allow', 'removed-resource'] as const

/** A project in which everything is declared and applied. */
export class PruneProject {
  readonly #story: PruneStory
  readonly #project: ImportProject
  #whole: ReadonlyMap<string, unknown> = new Map()

  constructor(story: PruneStory) {
    this.#story = story
    this.#project = openImportProject(story.store, story.settings, { WWDB_PREFIX: story.prefix })
  }

  close(): void {
    this.#project.close()
  }

  /** Everything is there, nothing was removed yet, and the files no longer declare a part of it. */
  async begin(): Promise<void> {
    const { store, before, after, removals, observe } = this.#story
    rmSync(join(this.#project.folder, '.wwdb'), { recursive: true, force: true })
    this.#project.write(`migrations/${store}/all.yaml`, before)
    expect(await this.#project.setup('apply')).toMatchObject({ exitCode: 0 })
    this.#whole = await observe()
    expect(this.#whole.size).toBe(removals)
    this.#project.write(`migrations/${store}/all.yaml`, after)
  }

  /** Every write to the folder at which a prune can be killed. */
  async listDisk(): Promise<readonly KillPoint[]> {
    await this.begin()
    const { run, writes } = await runOnDisk(this.#project, prune, null)
    expect(run).toMatchObject({ exitCode: 0 })
    const own = writes.map((line, write) => ({ line, write }))
    const points = listDiskPoints(writes).filter(({ write }) => own[write]?.line.includes('removed') === true)
    return points.map((point) => ({ at: 'disk', point }))
  }

  async prune(): Promise<void> {
    const { exitCode, stderr } = await this.#project.setup(...prune.slice(1))
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(await this.#story.observe()).toEqual(new Map())
  }

  killPrune(at: KillPoint): Promise<void> {
    return this.#kill('prune', prune, at)
  }

  async killRestore(at: KillPoint): Promise<void> {
    for (const file of this.files()) await this.#kill('restore', ['setup', 'restore', this.#story.store, file], at)
  }

  async #kill(of: 'prune' | 'restore', args: readonly string[], at: KillPoint): Promise<void> {
    if (at.at === 'disk') {
      const { run } = await runOnDisk(this.#project, args, at.point)
      expect(run.signal).toBe('SIGKILL')
      return
    }
    let kill = (): void => undefined
    const way = await this.#story.openWay(of, at.write, at.arrives, () => kill())
    try {
      const tool = this.#project.start(args, { environment: way.environment })
      kill = () => void tool.child.kill('SIGKILL')
      const { signal, stderr } = await tool.ended
      expect({ signal, stderr: signal === null ? stderr : '' }).toEqual({ signal: 'SIGKILL', stderr: '' })
    } finally {
      await way.close()
    }
  }

  /** The files that are a way back, as a person names them. */
  files(): readonly string[] {
    return this.#list().filter((file) => !this.#isDraft(file))
  }

  #isDraft(file: string): boolean {
    return file.endsWith('.part') || basename(file).startsWith('.try-')
  }

  /** What killed runs have left goes a day later with the next prune, which says so, and not before. */
  async expectSwept(): Promise<void> {
    const left = this.#list().filter((file) => this.#isDraft(file))
    expect(left).toHaveLength(1)
    await this.prune()
    expect(this.#list()).toEqual(expect.arrayContaining([...left]))
    const { store, before, after } = this.#story
    this.#project.write(`migrations/${store}/all.yaml`, before)
    expect(await this.#project.setup('apply')).toMatchObject({ exitCode: 0 })
    this.#project.write(`migrations/${store}/all.yaml`, after)
    const old = new Date(Date.now() - 25 * 3_600_000)
    for (const file of [...left, ...this.files()]) utimesSync(join(this.#project.folder, file), old, old)
    const kept = this.files()
    const { exitCode, stderr } = await this.#project.setup(...prune.slice(1))
    expect(exitCode).toBe(0)
    for (const file of left) expect(stderr.replaceAll(/\s+/g, ' ')).toContain(`\`${basename(file)}\``)
    expect(this.#list().filter((file) => this.#isDraft(file))).toEqual([])
    expect(this.files()).toEqual(expect.arrayContaining([...kept]))
  }

  #list(): readonly string[] {
    const folder = join('.wwdb', 'removed')
    const path = join(this.#project.folder, folder)
    const names = existsSync(path) ? readdirSync(path).toSorted() : []
    return names.map((name) => join(folder, name))
  }

  /** Nothing is gone without a file; and each file is a whole one that says the truth: what is there needs nothing. */
  async expectBack(): Promise<void> {
    const { store, observe } = this.#story
    const isWhole = (await observe()).size === this.#whole.size
    for (const part of this.#list().filter((file) => file.endsWith('.part')))
      expect(await this.#project.setup('restore', store, part)).toMatchObject({ exitCode: 78 })
    if (!isWhole) expect(this.files()).not.toEqual([])
    for (const file of this.files()) {
      const restored = await this.#project.setup('restore', store, file)
      expect(restored).toMatchObject({ exitCode: 0 })
      if (isWhole) expect(restored.stdout).toContain('nothing to do')
      expect(this.#project.read(file)).toContain('was about to remove')
    }
    expect(await observe()).toEqual(this.#whole)
  }
}
