import type { InBoth } from '../core/in-both.ts'
import type { Language } from '../core/language.ts'
import { countOf } from '../core/plural.ts'
import type { ReportGap, ReportRun, ReportStore, ShardLook } from './report.ts'

/** The report's own texts, in both languages. Findings of the tool are in the tool's own sentences. */
const inBoth = {
  language: { en: 'en', zh: 'zh-CN' },
  title: { en: 'Database report', zh: '数据库报告' },
  made: {
    en: (time: string, version: string) => `As of ${time} UTC, by wwdb ${version}`,
    zh: (time: string, version: string) => `截至 ${time} UTC，由 wwdb ${version} 生成`,
  },
  environment: {
    en: (name: string) => `environment ${name}`,
    zh: (name: string) => `环境 ${name}`,
  },
  skip: { en: 'Skip to the content', zh: '跳到正文' },
  contents: { en: 'Contents', zh: '目录' },
  overview: { en: 'Overview', zh: '概览' },
  /** What is wrong, in a few words, such as `2 errors and 1 warning`; a count of 0 is left out. */
  wrong: {
    en: (errors: number, warnings: number) =>
      [
        ...(errors === 0 ? [] : [countOf(errors, 'error')]),
        ...(warnings === 0 ? [] : [countOf(warnings, 'warning')]),
      ].join(' and '),
    zh: (errors: number, warnings: number) =>
      [...(errors === 0 ? [] : [`${errors} 个错误`]), ...(warnings === 0 ? [] : [`${warnings} 个警告`])].join('，'),
  },
  nothingWrong: { en: 'No errors and no warnings', zh: '没有错误和警告' },
  /** The summary where not everything was read. */
  nothingWrongSeen: { en: 'No errors and no warnings in what was read', zh: '已读取的部分没有错误和警告' },
  hints: {
    en: (count: number) => countOf(count, 'hint'),
    zh: (count: number) => `${count} 条提示`,
  },
  databases: { en: 'Databases', zh: '数据库' },
  tables: { en: 'Tables', zh: '表' },
  columns: { en: 'Columns', zh: '列' },
  shards: { en: 'Shards', zh: '分表' },
  families: { en: 'Shard families', zh: '分表族' },
  runs: { en: 'Runs', zh: '运行记录' },
  findings: { en: 'Findings', zh: '问题' },
  drift: { en: 'Drift', zh: '漂移' },
  lint: { en: 'Lint', zh: '文件审查' },
  doctor: { en: 'Health', zh: '健康检查' },
  stores: { en: 'Stores', zh: '存储' },
  gaps: { en: 'Not read', zh: '未能读取' },
  gapsWhy: {
    en: 'These parts are missing from this page, or are incomplete.',
    zh: '本页缺少以下部分，或其内容不完整。',
  },
  search: { en: 'Search tables, columns and comments', zh: '搜索表、列和注释' },
  searchHint: { en: 'Press / to search', zh: '按 / 搜索' },
  searchKeys: { en: 'Arrow keys to choose, Enter to open, Escape to close.', zh: '方向键选择，回车打开，Esc 关闭。' },
  noHits: { en: 'No matching name or comment.', zh: '没有匹配的名称或注释。' },
  hits: { en: '{count} found', zh: '找到 {count} 项' },
  theme: {
    auto: { en: 'Theme: system', zh: '主题：跟随系统' },
    light: { en: 'Theme: light', zh: '主题：浅色' },
    dark: { en: 'Theme: dark', zh: '主题：深色' },
  },
  diagram: {
    en: (database: string) => `Diagram of ${database}`,
    zh: (database: string) => `${database} 的关系图`,
  },
  diagramKey: {
    en: 'Lines lead from the table with the foreign key (crow’s foot) to its parent. Dashed line: logical key, not enforced by a server. Dashed frame: a table of another database.',
    zh: '连线从带外键的表（鸦爪端）指向父表。虚线：没有服务器维护该外键。边框为虚线的表属于其他逻辑库。',
  },
  zoom: {
    in: { en: 'Zoom in', zh: '放大' },
    out: { en: 'Zoom out', zh: '缩小' },
    fit: { en: 'Whole diagram', zh: '显示全图' },
  },
  /** About tables that the report does not describe. */
  leftOut: {
    en: (count: number) => `${countOf(count, 'table')} left out`,
    zh: (count: number) => `另有 ${count} 张表未列出`,
  },
  notDrawn: {
    en: (count: number) => `${countOf(count, 'table')} without foreign keys are not drawn.`,
    zh: (count: number) => `有 ${count} 张没有外键的表未画出。`,
  },
  fromFiles: {
    en: 'The server was not read: this is what the migration files define.',
    zh: '未能读取服务器：以下是迁移文件定义的内容。',
  },
  migrations: {
    en: (applied: number, pending: number) => `${countOf(applied, 'migration')} applied, ${pending} pending`,
    zh: (applied: number, pending: number) => `已应用 ${applied} 个迁移，待应用 ${pending} 个`,
  },
  column: { en: 'Column', zh: '列' },
  type: { en: 'Type', zh: '类型' },
  nullable: { en: 'Null', zh: '可空' },
  default: { en: 'Default', zh: '默认值' },
  comment: { en: 'Comment', zh: '注释' },
  madeBy: { en: 'Created by', zh: '来源迁移' },
  madeByFile: { en: 'Created by', zh: '来源' },
  changedBy: { en: 'changed by', zh: '最后修改于迁移' },
  applied: {
    en: (day: string) => `applied ${day}`,
    zh: (day: string) => `应用于 ${day}`,
  },
  optional: { en: 'NULL', zh: 'NULL' },
  keys: {
    primary: { en: 'primary key', zh: '主键' },
    unique: { en: 'unique', zh: '唯一' },
    index: { en: 'index', zh: '索引' },
  },
  refersTo: { en: 'References', zh: '引用' },
  referredFrom: { en: 'Referenced by', zh: '被引用' },
  logical: { en: 'logical: not enforced by a server', zh: '逻辑外键：没有服务器维护' },
  indexes: { en: 'Indexes', zh: '索引' },
  uniqueIndex: { en: 'unique', zh: '唯一' },
  others: { en: 'Views, routines, triggers and events', zh: '视图、存储过程和函数、触发器和事件' },
  familyOf: {
    en: (count: number) => `Family of ${countOf(count, 'shard')}`,
    zh: (count: number) => `分表族，共 ${count} 个分表`,
  },
  perPeriod: {
    day: { en: 'one shard per day', zh: '每天一个分表' },
    week: { en: 'one shard per week', zh: '每周一个分表' },
    month: { en: 'one shard per month', zh: '每月一个分表' },
    quarter: { en: 'one shard per quarter', zh: '每季度一个分表' },
    year: { en: 'one shard per year', zh: '每年一个分表' },
    key: { en: 'one shard per key', zh: '每个键一个分表' },
  },
  calendar: {
    en: (family: string) => `Calendar of ${family}`,
    zh: (family: string) => `${family} 的日历`,
  },
  calendarKeys: { en: 'Arrow keys move from shard to shard.', zh: '用方向键在分表之间移动。' },
  looks: {
    past: { en: 'past', zh: '周期已过' },
    live: { en: 'live', zh: '在用' },
    premade: { en: 'premade', zh: '提前创建' },
    held: { en: 'held', zh: '待删' },
    archived: { en: 'archived', zh: '已归档' },
    dropped: { en: 'dropped', zh: '已删除' },
    missing: { en: 'missing', zh: '缺失' },
  } satisfies Readonly<Record<ShardLook, InBoth>>,
  toKnow: { en: 'Shards with findings', zh: '需要留意的分表' },
  more: {
    en: (count: number) => `and ${count} more`,
    zh: (count: number) => `另有 ${count} 个`,
  },
  none: {
    families: { en: 'There are no shard families.', zh: '没有分表族。' },
    shards: { en: 'There are no shards.', zh: '没有分表。' },
    runs: { en: 'No runs are recorded.', zh: '没有运行记录。' },
    drift: { en: 'Nothing was changed by hand.', zh: '没有手工改动。' },
    lint: { en: 'No findings in the reviewed files.', zh: '对所审查的文件没有意见。' },
    doctor: { en: 'No findings.', zh: '没有问题。' },
    stores: { en: 'The configuration has no stores.', zh: '配置中没有存储。' },
    tables: { en: 'There are no tables.', zh: '没有表。' },
  },
  /** For an empty part that was not read completely. */
  notRead: { en: 'Not everything was read: the reason is at the top.', zh: '未能全部读取，原因见页首。' },
  when: { en: 'When (UTC)', zh: '时间（UTC）' },
  command: { en: 'Command', zh: '命令' },
  by: { en: 'By', zh: '执行者' },
  duration: { en: 'Duration', zh: '耗时' },
  outcome: { en: 'Outcome', zh: '结果' },
  outcomes: {
    running: { en: 'running', zh: '进行中' },
    done: { en: 'done', zh: '完成' },
    failed: { en: 'failed', zh: '失败' },
    stopped: { en: 'stopped', zh: '已停止' },
  } satisfies Readonly<Record<ReportRun['outcome'], InBoth>>,
  slowest: { en: 'the longest of these', zh: '其中最长的一次' },
  severities: {
    error: { en: 'error', zh: '错误' },
    warning: { en: 'warning', zh: '警告' },
    hint: { en: 'hint', zh: '提示' },
  },
  next: { en: 'Next', zh: '下一步' },
  storeStates: {
    'as-declared': { en: 'as declared', zh: '与声明一致' },
    differs: { en: 'differs from its declaration', zh: '与声明不一致' },
    unread: { en: 'not read', zh: '未能读取' },
  } satisfies Readonly<Record<ReportStore['state'], InBoth>>,
  unchanged: {
    en: (count: number) => `${countOf(count, 'resource')} as declared`,
    zh: (count: number) => `${count} 项资源与声明一致`,
  },
  parts: {
    tables: { en: 'Tables', zh: '表' },
    shards: { en: 'Shards', zh: '分表' },
    runs: { en: 'Runs', zh: '运行记录' },
    drift: { en: 'Drift', zh: '漂移' },
    lint: { en: 'Lint', zh: '文件审查' },
    doctor: { en: 'Health', zh: '健康检查' },
    stores: { en: 'Stores', zh: '存储' },
  } satisfies Readonly<Record<ReportGap['part'], InBoth>>,
  pattern: { en: 'Names', zh: '命名' },
  template: { en: 'Template', zh: '模板' },
}

/** The words in one language: a text, or a function that makes one. */
type InOne<Node> = Node extends { readonly en: infer Text; readonly zh: unknown }
  ? Text
  : { readonly [Key in keyof Node]: InOne<Node[Key]> }

export type Words = InOne<typeof inBoth>

export function wordsOf(language: Language): Words {
  // Every leaf is a pair of texts; the type above states that for each path.
  return choose(inBoth, language) as Words
}

function choose(node: object, language: Language): unknown {
  if ('en' in node && 'zh' in node) return node[language]
  return Object.fromEntries(Object.entries(node).map(([key, one]: [string, object]) => [key, choose(one, language)]))
}
