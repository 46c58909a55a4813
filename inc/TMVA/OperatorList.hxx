/// \file OperatorList.hxx
/// \ingroup TMVA
/// \brief All operators.

#ifndef TMVA_SOFIE_OPERATORLIST
#define TMVA_SOFIE_OPERATORLIST

#include "TMVA/ROperator_BasicBinary.hxx"
#include "TMVA/ROperator_BasicNary.hxx"
#include "TMVA/ROperator_BasicUnary.hxx"
#include "TMVA/ROperator_BatchNormalization.hxx"
#include "TMVA/ROperator_Cast.hxx"
#include "TMVA/ROperator_Clip.hxx"
#include "TMVA/ROperator_Compress.hxx"
#include "TMVA/ROperator_Concat.hxx"
#include "TMVA/ROperator_Constant.hxx"
#include "TMVA/ROperator_Conv.hxx"
#include "TMVA/ROperator_Custom.hxx"
#include "TMVA/ROperator_Elu.hxx"
#include "TMVA/ROperator_Erf.hxx"
#include "TMVA/ROperator_GRU.hxx"
#include "TMVA/ROperator_Gemm.hxx"
#include "TMVA/ROperator_Identity.hxx"
#include "TMVA/ROperator_If.hxx"
#include "TMVA/ROperator_LSTM.hxx"
#include "TMVA/ROperator_LayerNormalization.hxx"
#include "TMVA/ROperator_LeakyRelu.hxx"
#include "TMVA/ROperator_Loop.hxx"
#include "TMVA/ROperator_NonMaxSuppression.hxx"
#include "TMVA/ROperator_NonZero.hxx"
#include "TMVA/ROperator_Pool.hxx"
#include "TMVA/ROperator_RNN.hxx"
#include "TMVA/ROperator_Reduce.hxx"
#include "TMVA/ROperator_Relu.hxx"
#include "TMVA/ROperator_Reshape.hxx"
#include "TMVA/ROperator_Scan.hxx"
#include "TMVA/ROperator_Selu.hxx"
#include "TMVA/ROperator_Sigmoid.hxx"
#include "TMVA/ROperator_Softmax.hxx"
#include "TMVA/ROperator_Tanh.hxx"
#include "TMVA/ROperator_Transpose.hxx"
#include "TMVA/ROperator_Unique.hxx"

#endif // TMVA_SOFIE_OPERATORLIST
