/** A concept that `wwdb help` explains, with the words of its page. */
export interface Topic {
  readonly name: string
  /** For lists; without a full stop. */
  readonly summary: string
  /** The path of its page in docs/. */
  readonly page: string
  /** The headings of what is shown, in order; an empty one is what stands before the first. */
  readonly headings: readonly string[]
}

/** From the words to the calendar, then what is looked up: the order in which they are listed. */
export const topics: readonly Topic[] = [
  { name: 'words', summary: 'what the words mean', page: 'start/concepts.md', headings: [''] },
  { name: 'runs', summary: 'how a run goes', page: 'start/concepts.md', headings: ['How a run goes'] },
  {
    name: 'journal',
    summary: 'the record of every statement that ran',
    page: 'start/concepts.md',
    headings: ['What the journal looks like'],
  },
  {
    name: 'taking-over',
    summary: 'a database that was made by other means',
    page: 'start/concepts.md',
    headings: ['Taking over a database'],
  },
  {
    name: 'hazards',
    summary: 'what stops a run, and how it is allowed',
    page: 'reference/hazards.md',
    headings: ['', 'Allowing a hazard'],
  },
  { name: 'plans', summary: 'what a plan in a file holds', page: 'reference/output.md', headings: ['Plans'] },
  {
    name: 'shards',
    summary: 'tables that exist many times',
    page: 'guides/shard-templates.md',
    headings: ['', 'The header'],
  },
  {
    name: 'rotation',
    summary: 'shards made ahead of the calendar, and retired',
    page: 'guides/rotation.md',
    headings: ['', 'What a run does'],
  },
  { name: 'fan-out', summary: 'one migration for all shards of a family', page: 'guides/fan-out.md', headings: [''] },
  { name: 'seeds', summary: 'reference data, by natural key', page: 'guides/seeds.md', headings: [''] },
  { name: 'stores', summary: 'what is declared beside MySQL', page: 'guides/stores.md', headings: [''] },
  {
    name: 'configuration',
    summary: 'where a value comes from',
    page: 'reference/configuration.md',
    headings: ['', 'Variables in values'],
  },
  {
    name: 'environments',
    summary: 'one configuration for staging and production',
    page: 'reference/configuration.md',
    headings: ['Environments'],
  },
  { name: 'json', summary: 'answers for programs', page: 'reference/output.md', headings: ['For programs'] },
  { name: 'exit-codes', summary: 'how a run says how it ended', page: 'reference/output.md', headings: ['Exit codes'] },
]

export const topicNames: readonly string[] = topics.map(({ name }) => name)
