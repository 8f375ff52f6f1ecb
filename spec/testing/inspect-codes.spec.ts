import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import express from 'express';
import { inspectTokenRouter } from '../../lib/testing';
import { FINDING_CODES } from '../../lib/testing/inspect-codes';

/** The headings of findings on the page that a finding leads to, and the heading of that finding. */
async function readPage() {
  const [finding] = await inspectTokenRouter(express());
  const [page = '', place] = String(finding?.page).split('#');
  const text = readFileSync(join(__dirname, '../..', page), 'utf8');
  return { place, headings: [...text.matchAll(/^### `?([a-z_]+)`?$/gm)].map(([, code]) => code) };
}

describe('the page of the findings', () => {
  it('has a place for each code, in the order of the list', async () => {
    expect((await readPage()).headings).toEqual([...FINDING_CODES]);
  });

  it('has the place that a finding leads to', async () => {
    const { place, headings } = await readPage();
    expect(headings).toContain(place);
  });
});
