# The guest of the boot probe: the last 512 bytes of a 64 KiB firmware image, so that no other firmware takes part.
# It counts in real mode, enters long mode, uses paging, SSE2 and cmpxchg16b, counts again, and writes one word to
# isa-debug-exit: 0x2a when all went well, else the number of the step that went wrong.
# `generate.mjs` beside it turns it into app-main/src/host/probe/generated/guest.ts.

.set REAL_COUNT, 100000
.set LONG_COUNT, 60000000
.set SEGMENT, 0xF0000            # where the image shows below 1 MiB
.set EXIT_PORT, 0xF4
.set PASSED, 0x2A

.text
.code16
.globl _start
_start:
    cli
    ljmp $0xF000, $real           # out of the reset state's odd segment, into ordinary real mode
real:
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw $0x7000, %sp
    movl $REAL_COUNT, %ecx        # real mode is what a poor KVM interprets, instruction by instruction
1:  addl $1, 0x500
    decl %ecx
    jnz 1b

    cld                           # page tables at 0x1000 to 0x3FFF, empty
    movw $0x1000, %di
    xorl %eax, %eax
    movw $0xC00, %cx
    rep stosl
    movl $0x2003, 0x1000          # one entry in each of the upper levels
    movl $0x3003, 0x2000
    movl $0x83, 0x3000            # the first 2 MiB as they are
    movl $0x83, 0x3008            # and once more above themselves
    lgdtl %cs:gdt_place
    movl $0x620, %eax             # PAE, OSFXSR, OSXMMEXCPT
    movl %eax, %cr4
    movl $0x1000, %eax
    movl %eax, %cr3
    movl $0xC0000080, %ecx        # EFER: long mode
    rdmsr
    orl $0x100, %eax
    wrmsr
    movl %cr0, %eax
    andl $0xFFFFFFF3, %eax        # no emulation of the FPU
    orl $0x80000003, %eax         # paging, protection, MP
    movl %eax, %cr0
    ljmpl $8, $(SEGMENT + long)

.code64
long:
    movl $16, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl $0x7000, %esp

    movl $1, %r8d                 # step 1: paging. Two addresses, one memory; then two
    movl $0x51DE0BE7, 0x6000
    cmpl $0x51DE0BE7, 0x206000
    jne end
    movl $0x200083, 0x3008
    invlpg 0x206000
    movl $7, 0x206000
    cmpl $0x51DE0BE7, 0x6000
    jne end

    incl %r8d                     # step 2: SSE2
    movl $3, %eax
    movd %eax, %xmm0
    pshufd $0, %xmm0, %xmm0
    paddd %xmm0, %xmm0
    pmuludq %xmm0, %xmm0
    movq %xmm0, %rax
    cmpq $36, %rax
    jne end

    incl %r8d                     # step 3: cmpxchg16b
    movl $0x6010, %edi
    movq $1, (%rdi)
    movq $2, 8(%rdi)
    movl $1, %eax
    movl $2, %edx
    movl $3, %ebx
    movl $4, %ecx
    lock cmpxchg16b (%rdi)
    jnz end
    cmpq $3, (%rdi)
    jne end
    cmpq $4, 8(%rdi)
    jne end

    incl %r8d                     # step 4: count, with memory
    xorl %eax, %eax
    movl $LONG_COUNT, %ecx
2:  addq (%rdi), %rax
    movq %rax, 16(%rdi)
    decl %ecx
    jnz 2b
    movl $(LONG_COUNT * 3), %edx
    cmpq %rdx, %rax
    jne end
    movl $PASSED, %r8d
end:
    movl %r8d, %eax
    movw $EXIT_PORT, %dx
    outl %eax, %dx
3:  hlt
    jmp 3b

.balign 8
gdt:
    .quad 0
    .quad 0x00AF9A000000FFFF      # code, 64 bits
    .quad 0x00CF92000000FFFF      # data
gdt_place:
    .word gdt_place - gdt - 1
    .long SEGMENT + gdt

.org 0x1F0                        # where the processor begins
.code16
    jmp _start
.org 0x200
