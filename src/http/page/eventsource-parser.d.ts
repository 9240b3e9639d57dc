// What the page finds under this name: the server sends the module of the package.
export * from 'eventsource-parser';
