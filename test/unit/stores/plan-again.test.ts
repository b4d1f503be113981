import { describe, expect, it } from 'vitest'
import { losesMore } from '../../../src/stores/plan-again.ts'
import { findSameChange, type StoreChange } from '../../../src/stores/store-plan.ts'

const cap: StoreChange = {
  number: 0,
  resource: { kind: 'collection', name: 'shop.logs' },
  action: 'update',
  summary: 'cap shop.logs at 1 MiB',
  differences: [{ path: 'size', actual: '2', declared: '1' }],
  loss: { code: 'smaller-cap', why: 'It keeps fewer documents.', affected: ['shop.logs (3 documents)'] },
}
const images: StoreChange = {
  ...cap,
  number: 1,
  summary: 'stop keeping pre-images of the changes to shop.logs',
  differences: [{ path: 'preImages', actual: 'true', declared: 'false' }],
  loss: { code: 'removed-pre-images', why: 'They are not kept.', affected: ['shop.logs'] },
}

describe('several changes of one resource', () => {
  it('lose nothing else than was shown where one of the shown ones loses it', () => {
    for (const shown of [
      [cap, images],
      [images, cap],
      [{ ...cap, loss: null }, cap, images],
    ]) {
      expect(losesMore(cap, shown)).toBe(false)
      expect(losesMore(images, shown)).toBe(false)
    }
  })

  it('lose more where none of them loses it', () => {
    expect(losesMore(images, [cap])).toBe(true)
    expect(losesMore(images, [cap, { ...images, loss: null }])).toBe(true)
    expect(losesMore(images, [cap, { ...images, action: 'replace' }])).toBe(true)
    expect(losesMore(images, [{ ...images, resource: { ...images.resource, name: 'shop.other' } }])).toBe(true)
  })

  it('are found again by what they do, then by what they change', () => {
    expect(findSameChange([cap, images], images)).toBe(images)
    const reworded = { ...images, summary: 'stop keeping them' }
    expect(findSameChange([cap, reworded], images)).toBe(reworded)
    expect(findSameChange([{ ...images, action: 'create' }, cap, images], images)).toBe(images)
    expect(findSameChange([cap], { ...images, resource: { kind: 'view', name: 'shop.logs' } })).toBeUndefined()
  })
})
