import { stripTypeScriptTypes } from "node:module";

// Every thread that is started on a source strips its types by a program in WebAssembly. V8 has been
// seen to end a process in which threads free compiled code while others make some ("Check failed:
// jit_page.has_value()", nodejs/node#64500). While the first thread has that program too, its code is
// shared and stays, so that the threads of these tests have less to free.
stripTypeScriptTypes("const kept: number = 1;");
