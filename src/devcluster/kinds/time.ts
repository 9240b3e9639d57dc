// Times as Kubernetes reads them: RFC 3339. No IO.

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

export const isTime = (value: string): boolean => RFC_3339.test(value) && !Number.isNaN(Date.parse(value));

/** To the second, in UTC: metav1.Time. */
export const toSecond = (value: string): string => `${new Date(value).toISOString().slice(0, 19)}Z`;
