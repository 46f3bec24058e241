/**
 * HTML text that is safe by construction: `html` escapes every value that is
 * put into it, except what `html` itself made. There is no other way from
 * data to the page but `scriptData`, for JSON inside a script element.
 *
 * Limits: values may stand in elements' text and in quoted attributes; not in
 * attribute names, unquoted attributes, style sheets or scripts.
 */

/** Made by `html` only; `text` is finished HTML. */
export interface Markup {
  readonly kind: 'markup';
  readonly text: string;
}

type Value = string | number | Markup | readonly Markup[];

/** `` html`<td>${cell}</td>` `` */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  const text = parts.reduce((sum, part, index) => sum + part + renderValue(values[index]), '');
  return { kind: 'markup', text };
}

export const NOTHING: Markup = { kind: 'markup', text: '' };

/** Text that is part of the program (style sheet, script), never of a run. */
export const trusted = (text: string): Markup => ({ kind: 'markup', text });

/** JSON that cannot leave the script element it stands in, whatever it holds. */
export function scriptData(value: unknown): Markup {
  const text = JSON.stringify(value)
    .replace(/</g, '\\u003c')
    .replace(/>/g, '\\u003e')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');
  return { kind: 'markup', text };
}

function renderValue(value: Value | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  if ('text' in value) return value.text;
  return value.map((item) => item.text).join('');
}

const HTML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => HTML_ENTITIES[character] ?? character);

export interface Column {
  readonly head: string;
  /** Figures stand to the right, under one another. */
  readonly numeric?: boolean;
}

/** A table with a head; without rows, the sentence `empty` instead. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly (string | Markup)[])[],
  empty: string,
): Markup {
  if (rows.length === 0) return html`<p class="muted">${empty}</p>`;
  const head = columns.map(
    ({ head, numeric }) => html`<th scope="col" ${classOf(numeric)}>${head}</th>`,
  );
  const body = rows.map(
    (cells) =>
      html`<tr>
        ${cells.map((cell, index) => html`<td${classOf(columns[index]?.numeric)}>${cell}</td>`)}
      </tr>`,
  );
  return html`<div class="table">
    <table>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}

const classOf = (numeric: boolean | undefined): Markup =>
  numeric === true ? html` class="number"` : NOTHING;

/** A state in a word and a colour; the word alone says it all. */
export const state = (tone: 'good' | 'bad' | 'warn' | 'plain', word: string): Markup =>
  html`<span class="state ${tone}">${word}</span>`;
