;; A CPython extension module with one function, `memory_size()`: the size of the guest's linear memory in bytes.
;;
;; WebAssembly memory never shrinks, so its size is its high-water mark. Neither Python nor the host's bindings can
;; read it, one instruction can. Written by hand, so that building the guest needs no C compiler; the layout is that of
;; a shared library for WebAssembly (tool-conventions, DynamicLinking), the structures those of CPython 3.14 on 32 bits.
(module
  (@dylink.0 (mem-info (memory 128 4) (table 1 0)))
  (import "env" "memory" (memory 0))
  (import "env" "__indirect_function_table" (table 1 funcref))
  (import "env" "__memory_base" (global $base i32))
  (import "env" "__table_base" (global $table i32))
  (import "env" "PyModule_Create2" (func $PyModule_Create2 (param i32 i32) (result i32)))
  (import "env" "PyLong_FromUnsignedLongLong" (func $PyLong_FromUnsignedLongLong (param i64) (result i32)))

  ;; 0: PyModuleDef (52 bytes), 52: PyMethodDef and its end (32 bytes), 84: the name of module and method.
  (data (global.get $base)
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00memory_size\00")
  (elem (global.get $table) func $memory_size)

  (func $memory_size (param $self i32) (param $ignored i32) (result i32)
    (call $PyLong_FromUnsignedLongLong
      (i64.mul (i64.extend_i32_u (memory.size)) (i64.const 65536))))

  (func (export "PyInit_memory_size") (result i32)
    (local $name i32)
    (local.set $name (i32.add (global.get $base) (i32.const 84)))
    (i32.store (global.get $base) (i32.const 1))                                          ;; ob_refcnt
    (i32.store offset=20 (global.get $base) (local.get $name))                            ;; m_name
    (i32.store offset=28 (global.get $base) (i32.const -1))                               ;; m_size: one state
    (i32.store offset=32 (global.get $base) (i32.add (global.get $base) (i32.const 52)))  ;; m_methods
    (i32.store offset=52 (global.get $base) (local.get $name))                            ;; ml_name
    (i32.store offset=56 (global.get $base) (global.get $table))                          ;; ml_meth
    (i32.store offset=60 (global.get $base) (i32.const 4))                                ;; ml_flags: METH_NOARGS
    (call $PyModule_Create2 (global.get $base) (i32.const 1013))))
