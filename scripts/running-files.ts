// Which files of tests run now: said once a minute, so that a log that was cut says where, and looked at for a run that has stopped.

/** Minutes without the end of any test after which a run has stopped: hardly a test has a longer limit, and none takes so long. */
const patience = 15

/** The same before the first file begins: servers are fetched and built then, one of them for a quarter of an hour on two busy cores. */
const patienceWithServers = 45

/** How many files a line names. */
const named = 4

export class RunningFiles {
  /** Project and name, and when it began, in milliseconds. */
  readonly #running = new Map<string, number>()
  readonly #done = new Map<string, number>()
  readonly #begun: number
  #latest: number

  constructor(now: number) {
    this.#begun = now
    this.#latest = now
  }

  begin(project: string, file: string, now: number): void {
    this.#running.set(`${project}: ${file}`, now)
    this.#latest = now
  }

  /** A test ended: the run goes on. */
  goOn(now: number): void {
    this.#latest = now
  }

  end(project: string, file: string, now: number): void {
    this.#running.delete(`${project}: ${file}`)
    this.#done.set(project, (this.#done.get(project) ?? 0) + 1)
    this.#latest = now
  }

  hasStopped(now: number): boolean {
    return now - this.#latest >= this.#patience * 60_000
  }

  /** `12 min. Files done: 134 of integration, 18 of contract. Files that run: chaos: test/chaos/group.test.ts (95 s).` */
  describe(now: number): string {
    const done = [...this.#done].map(([project, count]) => `${count} of ${project}`).join(', ')
    return `${Math.round((now - this.#begun) / 60_000)} min. Files done: ${done || 'none'}. Files that run: ${this.#nameRunning(now)}.`
  }

  /** What is said of a run that has stopped. */
  describeStop(now: number): string {
    return this.#hasBegun
      ? `no test has ended for ${patience} minutes, while these files ran: ${this.#nameRunning(now)}`
      : `no file has begun within ${patienceWithServers} minutes`
  }

  /** Minutes. */
  get #patience(): number {
    return this.#hasBegun ? patience : patienceWithServers
  }

  get #hasBegun(): boolean {
    return this.#running.size > 0 || this.#done.size > 0
  }

  #nameRunning(now: number): string {
    const longest = [...this.#running].sort(([, one], [, other]) => one - other)
    const names = longest.slice(0, named).map(([file, begun]) => `${file} (${Math.round((now - begun) / 1000)} s)`)
    const more = longest.length - named
    return [...names, ...(more > 0 ? [`${more} more`] : [])].join(', ') || 'none'
  }
}
