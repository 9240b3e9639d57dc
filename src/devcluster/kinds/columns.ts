// The columns that many kinds share. Constants only.
import type { TableColumn } from './kind.ts';

const column = (name: string, description: string, priority: number, format: string): TableColumn => ({
  name,
  type: 'string',
  format,
  description,
  priority,
});

export const shown = (name: string, description: string): TableColumn => column(name, description, 0, '');
/** Shown with -o wide. */
export const wide = (name: string, description: string): TableColumn => column(name, description, 1, '');

const NAME_SAYS = 'Unique within a namespace.';
export const NAME: TableColumn = column('Name', NAME_SAYS, 0, 'name');
export const WIDE_NAME: TableColumn = column('Name', NAME_SAYS, 1, 'name');
export const AGE: TableColumn = shown('Age', 'The time since the object was created.');
