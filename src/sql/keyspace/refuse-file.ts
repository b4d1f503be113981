import type { InBoth } from '../../core/in-both.ts'
import type { Refusal } from './refusal.ts'

/** What a whole file is that does not run through vtgate: for a family of shards, code, or too large to be read whole. */
export type RefusedFile = 'family' | 'code' | 'large'

/** What such a file is said to be: `` `x.sql` is code. `` */
interface FileRefusal extends Refusal {
  readonly is: InBoth
}

/** Each with its sentences, for a plan and for lint. */
export const fileRefusals: Readonly<Record<RefusedFile, FileRefusal>> = {
  family: {
    is: { en: 'runs on the shards of a family', zh: '在某个分表系列的分表上执行' },
    why: {
      en: 'Through vtgate a family of tables is changed table by table, and its ledger is not kept.',
      zh: '经由 vtgate 只能逐表变更一个系列，且不保留它的台账。',
    },
    next: {
      en: 'Write the statements for each table, or let a vindex replace the family.',
      zh: '请为每张表写出语句，或用 vindex 代替该系列。',
    },
  },
  code: {
    is: { en: 'is code', zh: '是代码' },
    why: {
      en: 'Its statements would commit shard by shard, and a killed run could not tell.',
      zh: '其语句会逐个 shard 提交，而被终止的运行无法得知结果。',
    },
    next: { en: 'Write it as SQL.', zh: '请写成 SQL。' },
  },
  large: {
    is: { en: 'is too large to be read whole', zh: '太大，无法整个读取' },
    why: {
      en: 'What vtgate does not run is found before the first statement, which needs all of them.',
      zh: 'vtgate 不执行的内容要在第一条语句之前找出，这需要全部语句。',
    },
    next: { en: 'Divide it into smaller files.', zh: '请拆成较小的文件。' },
  },
}
