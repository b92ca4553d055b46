// The whole system: processes of the real executable over a real Redis and real stores. One test at a time, since each
// wants the machine for itself.

import Testing

@Suite(.serialized, .showsLogs) enum WholeSystem {}
