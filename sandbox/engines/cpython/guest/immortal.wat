;; A CPython extension module with one function, `immortal(object)`: makes an object immortal; 0 if it was so before,
;; else 1.
;;
;; The interpreter neither counts the references to an immortal object (PEP 683) nor frees it. Python has no way to say
;; so. On 32 bits the count is the object's first word, and an object is immortal from 2^30 on; 5 * 2^28 is what CPython
;; 3.14 itself writes (Include/refcount.h). The layout is that of `memory_size.wat`.
(module
  (@dylink.0 (mem-info (memory 128 4) (table 1 0)))
  (import "env" "memory" (memory 0))
  (import "env" "__indirect_function_table" (table 1 funcref))
  (import "env" "__memory_base" (global $base i32))
  (import "env" "__table_base" (global $table i32))
  (import "env" "PyModule_Create2" (func $PyModule_Create2 (param i32 i32) (result i32)))
  (import "env" "PyLong_FromLong" (func $PyLong_FromLong (param i32) (result i32)))

  ;; 0: PyModuleDef (52 bytes), 52: PyMethodDef and its end (32 bytes), 84: the name of module and method.
  (data (global.get $base)
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00immortal\00")
  (elem (global.get $table) func $immortal)

  (func $immortal (param $self i32) (param $object i32) (result i32)
    (if (i32.ge_u (i32.load (local.get $object)) (i32.const 0x40000000))
      (then (return (call $PyLong_FromLong (i32.const 0)))))
    (i32.store (local.get $object) (i32.const 0x50000000))
    (call $PyLong_FromLong (i32.const 1)))

  (func (export "PyInit_immortal") (result i32)
    (local $name i32)
    (local.set $name (i32.add (global.get $base) (i32.const 84)))
    (i32.store (global.get $base) (i32.const 1))                                          ;; ob_refcnt
    (i32.store offset=20 (global.get $base) (local.get $name))                            ;; m_name
    (i32.store offset=28 (global.get $base) (i32.const -1))                               ;; m_size: one state
    (i32.store offset=32 (global.get $base) (i32.add (global.get $base) (i32.const 52)))  ;; m_methods
    (i32.store offset=52 (global.get $base) (local.get $name))                            ;; ml_name
    (i32.store offset=56 (global.get $base) (global.get $table))                          ;; ml_meth
    (i32.store offset=60 (global.get $base) (i32.const 8))                                ;; ml_flags: METH_O
    (call $PyModule_Create2 (global.get $base) (i32.const 1013))))
