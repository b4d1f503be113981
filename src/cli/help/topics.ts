/** A concept that `wwdb help` explains, with the text of its page. */
export interface Topic {
  readonly name: string
  /** For lists; without a full stop. */
  readonly summary: string
  /** The same in Chinese. */
  readonly zh: string
  /** The path of its page in docs/. */
  readonly page: string
  /** The headings of the parts that are shown, in order; an empty one is the text before the first heading. */
  readonly headings: readonly string[]
}

/** From the terms to the calendar, then reference topics: the order in which they are listed. */
export const topics: readonly Topic[] = [
  { name: 'words', summary: 'what the terms mean', zh: '词语的含义', page: 'start/concepts.md', headings: [''] },
  {
    name: 'runs',
    summary: 'how a run goes',
    zh: '一次运行的过程',
    page: 'start/concepts.md',
    headings: ['How a run goes'],
  },
  {
    name: 'journal',
    summary: 'the record of every statement that ran',
    zh: '每条执行过的语句的记录',
    page: 'start/concepts.md',
    headings: ['What the journal looks like'],
  },
  {
    name: 'taking-over',
    summary: 'taking over a database that wwdb did not create',
    zh: '用其他方式建成的库',
    page: 'start/concepts.md',
    headings: ['Taking over a database'],
  },
  {
    name: 'hazards',
    summary: 'what stops a run, and how it is allowed',
    zh: '什么会使运行停下，怎样许可',
    page: 'reference/hazards.md',
    headings: ['', 'Allowing a hazard'],
  },
  {
    name: 'plans',
    summary: 'what a plan file contains',
    zh: '文件中的计划包含什么',
    page: 'reference/output.md',
    headings: ['Plans'],
  },
  {
    name: 'shards',
    summary: 'families of identical tables',
    zh: '存在多份的表',
    page: 'guides/shard-templates.md',
    headings: ['', 'The header'],
  },
  {
    name: 'rotation',
    summary: 'creating shards ahead of the calendar, and retiring them',
    zh: '提前创建、随后退役的分表',
    page: 'guides/rotation.md',
    headings: ['', 'What a run does'],
  },
  {
    name: 'fan-out',
    summary: 'one migration for all shards of a family',
    zh: '一个迁移变更分表族的所有分表',
    page: 'guides/fan-out.md',
    headings: [''],
  },
  {
    name: 'seeds',
    summary: 'reference data, by natural key',
    zh: '按自然键的基础数据',
    page: 'guides/seeds.md',
    headings: [''],
  },
  {
    name: 'stores',
    summary: 'declarations of stores besides MySQL',
    zh: '在 MySQL 之外声明的内容',
    page: 'guides/stores.md',
    headings: [''],
  },
  {
    name: 'vitess',
    summary: 'databases that are keyspaces of Vitess',
    zh: '作为 Vitess keyspace 的逻辑库',
    page: 'guides/vitess.md',
    headings: ['', 'What is refused'],
  },
  {
    name: 'configuration',
    summary: 'where a value comes from',
    zh: '一个值来自何处',
    page: 'reference/configuration.md',
    headings: ['', 'Variables in values'],
  },
  {
    name: 'environments',
    summary: 'one configuration for staging and production',
    zh: '用于预发布和生产的同一份配置',
    page: 'reference/configuration.md',
    headings: ['Environments'],
  },
  {
    name: 'json',
    summary: 'output for programs',
    zh: '供程序使用的结果',
    page: 'reference/output.md',
    headings: ['For programs'],
  },
  {
    name: 'exit-codes',
    summary: 'what the exit codes mean',
    zh: '运行怎样说明它的结局',
    page: 'reference/output.md',
    headings: ['Exit codes'],
  },
]

export const topicNames: readonly string[] = topics.map(({ name }) => name)
